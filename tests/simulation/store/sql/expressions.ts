import type { Reader } from './tokens.ts';
import { compare, isTrue, type Value, type Values } from './values.ts';

/** What an expression is evaluated against: one row of each source, the parameters, and the group it stands for. */
export interface Env {
  readonly rows: readonly Values[];
  readonly params: readonly Value[];
  readonly group?: readonly (readonly Values[])[];
}

/** A column that has to be equal to what an expression gives, for a condition to hold. */
export interface Equality {
  readonly place: Place;
  readonly value: Expression;
}

export interface Expression {
  (env: Env): Value;
  /** The column that it reads, when it is nothing else. */
  column?: Place;
  /** What has to hold for it to hold: rows may be looked up by that, and are asked all of it afterwards. */
  equalities?: readonly Equality[];
}

/** Which row, which value in it. */
export type Place = readonly [number, number];

/** What names mean where an expression stands. */
export interface Scope {
  /** The place of a column: which row, which value. Filled in later where the tables are not known yet. */
  find(table: string | undefined, column: string): Place;
  /** The number of the next parameter. */
  nextParameter(): number;
  /** Reads a SELECT up to the closing parenthesis. */
  subselect(reader: Reader): (env: Env) => Values[];
  /** Told that an aggregate was read. */
  onAggregate(): void;
}

const bool = (value: boolean): Value => (value ? 1 : 0);

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

const ARITHMETIC: Readonly<Record<string, (one: number, other: number) => number>> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => Math.trunc(one / other),
  '%': (one, other) => one % other,
};

const AGGREGATES: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  COUNT: (values) => values.filter((value) => value !== null).length,
  MAX: (values) =>
    values.reduce(
      (most, value) => (value !== null && compare(value, most) > 0 ? value : most),
      null,
    ),
  MIN: (values) =>
    values.reduce(
      (least, value) =>
        value !== null && (least === null || compare(value, least) < 0) ? value : least,
      null,
    ),
  SUM: (values) => {
    const numbers = values.filter((value) => typeof value === 'number');
    return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0);
  },
};

const readCall = (name: string, reader: Reader, scope: Scope): Expression => {
  if (name === 'COUNT' && reader.takesMark('*')) {
    reader.needsMark(')');
    scope.onAggregate();
    return ({ group }) => group!.length;
  }
  const given: Expression[] = [];
  while (!reader.takesMark(')')) {
    given.push(readExpression(reader, scope));
    if (!reader.seesMark(')')) reader.needsMark(',');
  }
  const aggregate = AGGREGATES[name];
  if (aggregate && given.length === 1) {
    scope.onAggregate();
    const [inner] = given as [Expression];
    return ({ group, params }) => {
      const one = { rows: [] as readonly Values[], params };
      return aggregate(
        group!.map((rows) => {
          one.rows = rows;
          return inner(one);
        }),
      );
    };
  }
  if (name === 'COALESCE')
    return (env) => {
      for (const one of given) {
        const value = one(env);
        if (value !== null) return value;
      }
      return null;
    };
  return reader.fail(`no function ${name}`);
};

const readCase = (reader: Reader, scope: Scope): Expression => {
  const branches: [Expression, Expression][] = [];
  while (reader.takes('WHEN')) {
    const when = readExpression(reader, scope);
    reader.needs('THEN');
    branches.push([when, readExpression(reader, scope)]);
  }
  const otherwise = reader.takes('ELSE') ? readExpression(reader, scope) : () => null;
  reader.needs('END');
  return (env) => {
    for (const [when, then] of branches) if (isTrue(when(env))) return then(env);
    return otherwise(env);
  };
};

const readColumn = (first: string, reader: Reader, scope: Scope): Expression => {
  const isQualified = reader.takesMark('.');
  const place = isQualified ? scope.find(first, reader.name()) : scope.find(undefined, first);
  const read: Expression = ({ rows }) => rows[place[0]]?.[place[1]] ?? null;
  read.column = place;
  return read;
};

const readPrimary = (reader: Reader, scope: Scope): Expression => {
  const token = reader.next();
  if (token.kind === 'number' || token.kind === 'text') return () => token.value;
  if (token.kind === 'mark') {
    if (token.text === '?') {
      const number = scope.nextParameter();
      return ({ params }) => params[number] ?? null;
    }
    if (token.text === '-') {
      const inner = readPrimary(reader, scope);
      return (env) => -(inner(env) as number);
    }
    if (token.text !== '(') return reader.fail(`unexpected ${token.text}`);
    if (reader.sees('SELECT')) {
      const select = scope.subselect(reader);
      reader.needsMark(')');
      return (env) => select(env)[0]?.[0] ?? null;
    }
    const inner = readExpression(reader, scope);
    reader.needsMark(')');
    return inner;
  }
  if (token.upper === 'NULL') return () => null;
  if (token.upper === 'CASE') return readCase(reader, scope);
  if (token.upper === 'EXISTS') {
    reader.needsMark('(');
    const select = scope.subselect(reader);
    reader.needsMark(')');
    return (env) => bool(select(env).length > 0);
  }
  if (reader.takesMark('(')) return readCall(token.upper, reader, scope);
  return readColumn(token.text, reader, scope);
};

const readSum = (reader: Reader, scope: Scope): Expression => {
  let left = readPrimary(reader, scope);
  for (;;) {
    const token = reader.peek();
    if (token?.kind !== 'mark') return left;
    const before = left;
    if (token.text === '||') {
      reader.next();
      const right = readPrimary(reader, scope);
      left = (env) => {
        const [one, other] = [before(env), right(env)];
        return one === null || other === null ? null : `${String(one)}${String(other)}`;
      };
      continue;
    }
    const compute = ARITHMETIC[token.text];
    if (!compute) return left;
    reader.next();
    const right = readPrimary(reader, scope);
    left = (env) => {
      const [one, other] = [before(env), right(env)];
      return one === null || other === null ? null : compute(one as number, other as number);
    };
  }
};

const readIn = (left: Expression, reader: Reader, scope: Scope): Expression => {
  reader.needsMark('(');
  if (reader.sees('SELECT')) {
    const select = scope.subselect(reader);
    reader.needsMark(')');
    return (env) => {
      const value = left(env);
      return value === null ? null : bool(select(env).some((row) => compare(row[0]!, value) === 0));
    };
  }
  const items: Expression[] = [];
  while (!reader.takesMark(')')) {
    items.push(readExpression(reader, scope));
    if (!reader.seesMark(')')) reader.needsMark(',');
  }
  return (env) => {
    const value = left(env);
    return value === null ? null : bool(items.some((item) => compare(item(env), value) === 0));
  };
};

const negate =
  (inner: Expression): Expression =>
  (env) => {
    const value = inner(env);
    return value === null ? null : bool(!isTrue(value));
  };

const readLike = (left: Expression, reader: Reader, scope: Scope): Expression => {
  const pattern = readSum(reader, scope);
  return (env) => {
    const [value, like] = [left(env), pattern(env)];
    if (value === null || like === null) return null;
    const source = String(like)
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '.*')
      .replaceAll('_', '.');
    return bool(new RegExp(`^${source}$`, 's').test(String(value)));
  };
};

const equalitiesOf = (left: Expression, right: Expression): Equality[] => [
  ...(left.column ? [{ place: left.column, value: right }] : []),
  ...(right.column ? [{ place: right.column, value: left }] : []),
];

const readComparison = (reader: Reader, scope: Scope): Expression => {
  const left = readSum(reader, scope);
  if (reader.takes('IS')) {
    const isNegated = reader.takes('NOT');
    const right = readSum(reader, scope);
    return (env) => bool((compare(left(env), right(env)) === 0) !== isNegated);
  }
  const isNegated = reader.takes('NOT');
  const wrap = (inner: Expression): Expression => (isNegated ? negate(inner) : inner);
  if (reader.takes('IN')) return wrap(readIn(left, reader, scope));
  if (reader.takes('LIKE')) return wrap(readLike(left, reader, scope));
  if (reader.takes('BETWEEN')) {
    const low = readSum(reader, scope);
    reader.needs('AND');
    const high = readSum(reader, scope);
    return wrap((env) => {
      const value = left(env);
      return bool(compare(value, low(env)) >= 0 && compare(value, high(env)) <= 0);
    });
  }
  const token = reader.peek();
  const passes = token?.kind === 'mark' ? COMPARISONS[token.text] : undefined;
  if (!passes) return left;
  reader.next();
  const right = readSum(reader, scope);
  const compared: Expression = (env) => {
    const one = left(env);
    const other = right(env);
    return one === null || other === null ? null : bool(passes(compare(one, other)));
  };
  if (passes === COMPARISONS['=']) compared.equalities = equalitiesOf(left, right);
  return compared;
};

const readNot = (reader: Reader, scope: Scope): Expression =>
  reader.takes('NOT') ? negate(readNot(reader, scope)) : readComparison(reader, scope);

const readAnd = (reader: Reader, scope: Scope): Expression => {
  let left = readNot(reader, scope);
  while (reader.takes('AND')) {
    const [before, right] = [left, readNot(reader, scope)];
    const both: Expression = (env) => {
      const one = before(env);
      if (one !== null && !isTrue(one)) return 0;
      const other = right(env);
      if (other !== null && !isTrue(other)) return 0;
      return one === null || other === null ? null : 1;
    };
    both.equalities = [...(before.equalities ?? []), ...(right.equalities ?? [])];
    left = both;
  }
  return left;
};

/** Reads one expression, into a function of the rows that it is about. */
export const readExpression = (reader: Reader, scope: Scope): Expression => {
  let left = readAnd(reader, scope);
  while (reader.takes('OR')) {
    const [before, right] = [left, readAnd(reader, scope)];
    left = (env) => {
      const one = before(env);
      if (isTrue(one)) return 1;
      const other = right(env);
      if (isTrue(other)) return 1;
      return one === null || other === null ? null : 0;
    };
  }
  return left;
};
