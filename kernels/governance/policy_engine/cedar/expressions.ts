import type { Expr } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarFacts } from './cedar-facts.ts';
import {
  EntityRef,
  entityOf,
  EvaluationError,
  has,
  isEqual,
  isRecord,
  isSet,
  isWithin,
  type RecordValue,
  type Value,
} from './values.ts';

export type Evaluate = (facts: CedarFacts) => Value;

type Node = Readonly<Record<string, unknown>>;

/** An expression of the language that is left to the reference evaluator. */
export class Unsupported extends Error {}

const wrong = (expected: string, got: Value): EvaluationError => {
  const type = isSet(got) ? 'set' : got instanceof EntityRef ? 'entity' : typeof got;
  return new EvaluationError(`type error: expected ${expected}, got ${type}`);
};

const bool = (value: Value): boolean => {
  if (typeof value === 'boolean') return value;
  throw wrong('bool', value);
};
const long = (value: Value): number => {
  if (typeof value === 'number') return value;
  throw wrong('long', value);
};
const text = (value: Value): string => {
  if (typeof value === 'string') return value;
  throw wrong('string', value);
};
const set = (value: Value): readonly Value[] => {
  if (isSet(value)) return value;
  throw wrong('set', value);
};
const entity = (value: Value): EntityRef => {
  if (value instanceof EntityRef) return value;
  throw wrong('entity', value);
};

const literal = (value: unknown): Evaluate => {
  if (typeof value === 'string' || typeof value === 'boolean') return () => value;
  // Beyond this a number of the language does not survive as a number of JSON.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return () => value;
  const named = (value as Node | null)?.['__entity'] as { type: string; id: string } | undefined;
  if (!named) throw new Unsupported('a literal');
  const ref = new EntityRef(named.type, named.id);
  return () => ref;
};

const variable = (name: unknown): Evaluate => {
  if (name === 'context') throw new Unsupported('the context as a whole');
  const place = name as 'principal' | 'action' | 'resource';
  return (facts) => new EntityRef(facts[place].type, facts[place].id);
};

/** The attributes of a record or of an entity of the question; undefined for an entity that is not there. */
const attributesOf = (facts: CedarFacts, value: Value): RecordValue | undefined => {
  if (value instanceof EntityRef) return entityOf(facts, value)?.attrs as RecordValue | undefined;
  if (isRecord(value)) return value;
  throw wrong('record or entity', value);
};

/** What an attribute is read from: the context only here, because one of its attributes is an extension value. */
const holder = (left: unknown): Evaluate =>
  (left as Node)['Var'] === 'context'
    ? (facts) => facts.context as RecordValue
    : compileExpression(left as Expr);

/** Extension values come in only as attributes of the context. */
const EXTENSION_ATTRIBUTES = ['time'];

const access = (left: Evaluate, attr: string): Evaluate => {
  if (EXTENSION_ATTRIBUTES.includes(attr)) throw new Unsupported('an extension value');
  return (facts) => {
    const attributes = attributesOf(facts, left(facts));
    if (attributes && Object.hasOwn(attributes, attr)) return attributes[attr]!;
    throw new EvaluationError(`there is no attribute ${attr}`);
  };
};

const hasAttribute = (left: Evaluate, attr: unknown): Evaluate => {
  const [name, ...deeper] = [attr].flat() as string[];
  if (deeper.length > 0) throw new Unsupported('a path');
  return (facts) => {
    const attributes = attributesOf(facts, left(facts));
    return attributes !== undefined && Object.hasOwn(attributes, name!);
  };
};

const inside =
  (left: Evaluate, right: Evaluate): Evaluate =>
  (facts) => {
    const ref = entity(left(facts));
    const groups = right(facts);
    const all = isSet(groups) ? groups.map(entity) : [entity(groups)];
    return all.some((group) => isWithin(facts, ref, group));
  };

const ofType = ({ left, entity_type, in: within }: Node): Evaluate => {
  const ref = compileExpression(left as Expr);
  const inner = within === undefined ? undefined : inside(ref, compileExpression(within as Expr));
  return (facts) =>
    entity(ref(facts)).type === entity_type && (inner === undefined || inner(facts));
};

/** Literals in order, the first at the start and the last at the end, anything where a wildcard is. */
const matches = (subject: string, pieces: readonly string[]): boolean => {
  const [first = '', ...rest] = pieces;
  if (rest.length === 0) return subject === first;
  const last = rest.pop()!;
  if (!subject.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = subject.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return subject.length - last.length >= at && subject.endsWith(last);
};

/** The literals between the wildcards of a pattern. */
const piecesOf = (pattern: readonly unknown[]): string[] => {
  const pieces = [''];
  for (const part of pattern)
    if (part === 'Wildcard') pieces.push('');
    else pieces.push(pieces.pop()! + (part as { Literal: string }).Literal);
  return pieces;
};

const like = ({ left, pattern }: Node): Evaluate => {
  const subject = compileExpression(left as Expr);
  const pieces = piecesOf(pattern as unknown[]);
  return (facts) => matches(text(subject(facts)), pieces);
};

const choose = (node: Node): Evaluate => {
  const [test, yes, no] = ['if', 'then', 'else'].map((part) =>
    compileExpression(node[part] as Expr),
  ) as [Evaluate, Evaluate, Evaluate];
  return (facts) => (bool(test(facts)) ? yes : no)(facts);
};

const collect = (members: readonly Expr[]): Evaluate => {
  const compiled = members.map(compileExpression);
  return (facts) => compiled.map((member) => member(facts));
};

const gather = (members: Readonly<Record<string, Expr>>): Evaluate => {
  const compiled = Object.entries(members).map(
    ([name, member]) => [name, compileExpression(member)] as const,
  );
  return (facts) =>
    Object.fromEntries(compiled.map(([name, member]) => [name, member(facts)])) as RecordValue;
};

type Binary = (left: Evaluate, right: Evaluate) => Evaluate;

const BINARY: Readonly<Record<string, Binary>> = {
  '==': (a, b) => (facts) => isEqual(a(facts), b(facts)),
  '!=': (a, b) => (facts) => !isEqual(a(facts), b(facts)),
  '<': (a, b) => (facts) => long(a(facts)) < long(b(facts)),
  '<=': (a, b) => (facts) => long(a(facts)) <= long(b(facts)),
  '>': (a, b) => (facts) => long(a(facts)) > long(b(facts)),
  '>=': (a, b) => (facts) => long(a(facts)) >= long(b(facts)),
  '&&': (a, b) => (facts) => bool(a(facts)) && bool(b(facts)),
  '||': (a, b) => (facts) => bool(a(facts)) || bool(b(facts)),
  in: inside,
  contains: (a, b) => (facts) => has(set(a(facts)), b(facts)),
  containsAll: (a, b) => (facts) => {
    const whole = set(a(facts));
    return set(b(facts)).every((one) => has(whole, one));
  },
  containsAny: (a, b) => (facts) => {
    const whole = set(a(facts));
    return set(b(facts)).some((one) => has(whole, one));
  },
};

const UNARY: Readonly<Record<string, (body: Node) => Evaluate>> = {
  '!': ({ arg }) => {
    const operand = compileExpression(arg as Expr);
    return (facts) => !bool(operand(facts));
  },
  isEmpty: ({ arg }) => {
    const operand = compileExpression(arg as Expr);
    return (facts) => set(operand(facts)).length === 0;
  },
  '.': ({ left, attr }) => access(holder(left), attr as string),
  has: ({ left, attr }) => hasAttribute(holder(left), attr),
  is: ofType,
  like,
  'if-then-else': choose,
};

/**
 * An expression of the policy language (its JSON form) as a function. Throws Unsupported for arithmetic and for
 * extension types. The function throws EvaluationError where the language says that evaluation fails.
 */
export function compileExpression(expr: Expr): Evaluate {
  const [operator, body] = Object.entries(expr)[0] as [string, unknown];
  if (operator === 'Value') return literal(body);
  if (operator === 'Var') return variable(body);
  if (operator === 'Set') return collect(body as Expr[]);
  if (operator === 'Record') return gather(body as Record<string, Expr>);
  if (Object.hasOwn(UNARY, operator)) return UNARY[operator]!(body as Node);
  const binary = Object.hasOwn(BINARY, operator) ? BINARY[operator] : undefined;
  if (!binary) throw new Unsupported(operator);
  const { left, right } = body as { left: Expr; right: Expr };
  return binary(compileExpression(left), compileExpression(right));
}
