import type { Tables } from './create-table.ts';
import {
  readExpression,
  type Env,
  type Equality,
  type Expression,
  type Scope,
} from './expressions.ts';
import { holderWith, type Table } from './tables.ts';
import type { Reader } from './tokens.ts';
import { compare, isTrue, keyOf, type Value, type Values } from './values.ts';

export interface Select {
  readonly columns: readonly string[];
  readonly run: (env: Env) => Values[];
}

interface Source {
  readonly table: Table;
  readonly alias: string;
  on: Expression | undefined;
}

interface Item {
  readonly name: string;
  readonly value: Expression;
}

type Joined = Values[];

const CLAUSES = ['WHERE', 'GROUP', 'ORDER', 'LIMIT', 'JOIN', 'ON', 'UNION', 'INNER', 'LEFT'];

const readSource = (reader: Reader, tables: Tables): Source => {
  const table = tables.get(reader.name()) ?? reader.fail('no such table');
  const token = reader.peek();
  const hasAlias = reader.takes('AS') || (token?.kind === 'word' && !CLAUSES.includes(token.upper));
  return { table, alias: hasAlias ? reader.name() : table.name, on: undefined };
};

/** A star stands for all columns of all tables, which come after it. */
const readItems = (reader: Reader, scope: Scope, lastColumn: () => string): (Item | '*')[] => {
  const items: (Item | '*')[] = [];
  do {
    if (reader.takesMark('*')) items.push('*');
    else {
      const value = readExpression(reader, scope);
      items.push({
        name: reader.takes('AS') ? reader.name() : lastColumn(),
        value,
      });
    }
  } while (reader.takesMark(','));
  return items;
};

const everyColumn = (sources: readonly Source[]): Item[] =>
  sources.flatMap(({ table }, source) =>
    table.columns.map((name, column) => ({
      name,
      value: ({ rows }: Env): Value => rows[source]?.[column] ?? null,
    })),
  );

/** Rows of one table that pass. One is looked up where the condition names all of a unique key. */
export const rowsThat = (
  table: Table,
  where: Expression | undefined,
  params: readonly Value[],
): Values[] => {
  if (!where) return [...table.rows];
  const one: Values[] = [[]];
  const env: Env = { rows: one, params };
  const { uniques, rows } = table;
  const { equalities } = where;
  if (equalities !== undefined)
    for (const unique of uniques) {
      const values = valuesOf(unique.columns, equalities, 0, env);
      if (values === undefined || unique.where) continue;
      const holder = holderWith(unique, values);
      if (holder === undefined) return [];
      one[0] = holder;
      return isTrue(where(env)) ? [holder] : [];
    }
  const found: Values[] = [];
  for (let at = 0; at < rows.length; at += 1) {
    one[0] = rows[at]!;
    if (isTrue(where(env))) found.push(one[0]);
  }
  return found;
};

/** What these columns of a source have to be, from what is known before it; undefined when it is not known of all. */
const valuesOf = (
  columns: readonly number[],
  equalities: readonly Equality[],
  source: number,
  env: Env,
): Value[] | undefined => {
  const values: Value[] = [];
  for (const column of columns) {
    const equality = equalities.find(
      ({ place, value }) =>
        place[0] === source &&
        place[1] === column &&
        (value.column === undefined || value.column[0] < source),
    );
    if (!equality) return undefined;
    values.push(equality.value(env));
  }
  return values;
};

const candidates = ({ table, on }: Source, source: number, env: Env): readonly Values[] => {
  const equalities = on?.equalities;
  if (equalities !== undefined)
    for (const unique of table.uniques) {
      const values = unique.where ? undefined : valuesOf(unique.columns, equalities, source, env);
      if (values === undefined) continue;
      const holder = holderWith(unique, values);
      return holder === undefined ? [] : [holder];
    }
  return table.rows;
};

const joinAll = (sources: readonly Source[], params: readonly Value[]): Joined[] => {
  let joined: Joined[] = [[]];
  sources.forEach((source, index) => {
    const { on } = source;
    joined = joined.flatMap((before) =>
      candidates(source, index, { rows: before, params })
        .map((row) => [...before, row])
        .filter((rows) => !on || isTrue(on({ rows, params }))),
    );
  });
  return joined;
};

const inOrder = (
  envs: readonly Env[],
  order: readonly { by: Expression; down: boolean }[],
): readonly Env[] => {
  const compareEnvs = (one: Env, other: Env): number => {
    for (const { by, down } of order) {
      const difference = compare(by(one), by(other));
      if (difference !== 0) return down ? -difference : difference;
    }
    return 0;
  };
  for (let at = 1; at < envs.length; at += 1)
    if (compareEnvs(envs[at - 1]!, envs[at]!) > 0) return envs.toSorted(compareEnvs);
  return envs;
};

const groupBy = (all: readonly Joined[], keys: readonly Expression[], params: readonly Value[]) => {
  if (keys.length === 0) return [all];
  const groups = new Map<string, Joined[]>();
  for (const rows of all) {
    const key = keyOf(keys.map((one) => one({ rows, params })));
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(rows);
  }
  return [...groups.values()];
};

/**
 * Reads a SELECT over joined tables, with conditions, groups, order and limit. Its columns come before its tables, so
 * they are read twice: names are looked up when the statement first runs.
 */
export const readSelect = (reader: Reader, tables: Tables, counter: { next: number }): Select => {
  reader.needs('SELECT');
  const isDistinct = reader.takes('DISTINCT');
  const sources: Source[] = [];
  let hasAggregate = false;
  const late: (() => void)[] = [];
  const lookUp = (name: string | undefined, column: string): readonly [number, number] => {
    for (const [source, { alias, table }] of sources.entries()) {
      if (name !== undefined && name !== alias && name !== table.name) continue;
      const index = table.columns.indexOf(column);
      if (index >= 0) return [source, index];
    }
    return reader.fail(`no column ${name ?? ''}.${column}`);
  };
  /** While the tables are not known a column is a pair that is filled in afterwards. */
  let isKnown = false;
  let lastColumn = '?';
  const scope: Scope = {
    find(name, column) {
      lastColumn = column;
      if (isKnown) return lookUp(name, column);
      const place: [number, number] = [0, 0];
      late.push(() => {
        const found = lookUp(name, column);
        place[0] = found[0];
        place[1] = found[1];
      });
      return place;
    },
    nextParameter: () => counter.next++,
    subselect: (inner) => readSelect(inner, tables, counter).run,
    onAggregate: () => (hasAggregate = true),
  };

  const read = readItems(reader, scope, () => lastColumn);
  if (reader.takes('FROM')) {
    sources.push(readSource(reader, tables));
    while (reader.takes('JOIN') || reader.takes('INNER', 'JOIN')) {
      const source = readSource(reader, tables);
      sources.push(source);
      reader.needs('ON');
      isKnown = true;
      source.on = readExpression(reader, scope);
    }
  }
  isKnown = true;
  for (const fill of late) fill();
  const items = read.flatMap((item) => (item === '*' ? everyColumn(sources) : [item]));

  const where = reader.takes('WHERE') ? readExpression(reader, scope) : undefined;
  const keys: Expression[] = [];
  if (reader.takes('GROUP', 'BY'))
    do keys.push(readExpression(reader, scope));
    while (reader.takesMark(','));
  const order: { by: Expression; down: boolean }[] = [];
  if (reader.takes('ORDER', 'BY'))
    do {
      const by = readExpression(reader, scope);
      const down = reader.takes('DESC');
      if (!down) reader.takes('ASC');
      order.push({ by, down });
    } while (reader.takesMark(','));
  const limit = reader.takes('LIMIT') ? readExpression(reader, scope) : undefined;

  const run = ({ params }: Env): Values[] => {
    const [only] = sources;
    let found: Joined[];
    if (only && sources.length === 1)
      found = rowsThat(only.table, where, params).map((row) => [row]);
    else {
      found = joinAll(sources, params);
      if (where) found = found.filter((rows) => isTrue(where({ rows, params })));
    }
    let envs: readonly Env[] =
      hasAggregate || keys.length > 0
        ? groupBy(found, keys, params).map((group) => ({
            rows: group[0] ?? [],
            params,
            group,
          }))
        : found.map((rows) => ({ rows, params }));
    if (order.length > 0) envs = inOrder(envs, order);
    const most = limit ? (limit({ rows: [], params }) as number) : Infinity;
    if (!isDistinct && most >= 0 && most < envs.length) envs = envs.slice(0, most);
    let result = envs.map((env) => {
      const values: Values = [];
      for (let at = 0; at < items.length; at += 1) values.push(items[at]!.value(env));
      return values;
    });
    if (isDistinct) result = [...new Map(result.map((row) => [keyOf(row), row])).values()];
    return most >= 0 && most < result.length ? result.slice(0, most) : result;
  };
  return { columns: items.map(({ name }) => name), run };
};
