import type { Tables } from './create-table.ts';
import { readExpression, type Env, type Expression, type Scope } from './expressions.ts';
import {
  deleteRows,
  holderOf,
  insertRow,
  skipNumber,
  replaceRow,
  type Table,
  type Undo,
  type Unique,
} from './tables.ts';
import { readSelect, rowsThat, type Select } from './select.ts';
import { createReader, type Reader } from './tokens.ts';
import { isTrue, type Value, type Values } from './values.ts';

export interface Outcome {
  readonly changes: number;
  readonly rows: readonly Values[];
}

/** A statement that was read once and runs with any parameters. */
export interface Compiled {
  readonly parameters: number;
  /** Of the rows that it answers with. */
  readonly columns: readonly string[];
  readonly run: (params: readonly Value[], undo: Undo) => Outcome;
}

const NOTHING: Outcome['rows'] = [];

const scopeFor = (
  tables: Tables,
  table: Table,
  counter: { next: number },
  hasExcluded = false,
): Scope => ({
  find(name, column) {
    const index = table.columns.indexOf(column);
    if (index < 0) throw new Error(`no column ${column} in ${table.name}`);
    return [hasExcluded && name === 'excluded' ? 1 : 0, index];
  },
  nextParameter: () => counter.next++,
  subselect: (reader) => readSelect(reader, tables, counter).run,
  onAggregate: () => {},
});

const tableOf = (reader: Reader, tables: Tables): Table =>
  tables.get(reader.name()) ?? reader.fail('no such table');

const readAssignments = (reader: Reader, table: Table, scope: Scope): [number, Expression][] => {
  const assignments: [number, Expression][] = [];
  do {
    const column = table.columns.indexOf(reader.name());
    if (column < 0) reader.fail('a column that is not there');
    reader.needsMark('=');
    assignments.push([column, readExpression(reader, scope)]);
  } while (reader.takesMark(','));
  return assignments;
};

const assign = (row: Values, assignments: [number, Expression][], env: Env): Values => {
  const after = [...row];
  for (const [column, value] of assignments) after[column] = value(env);
  return after;
};

const readReturning = (reader: Reader, table: Table, scope: Scope) => {
  if (!reader.takes('RETURNING')) return undefined;
  const columns: string[] = [];
  const values: Expression[] = [];
  do {
    if (reader.takesMark('*')) {
      table.columns.forEach((column, index) => {
        columns.push(column);
        values.push(({ rows }) => rows[0]![index]!);
      });
      continue;
    }
    const token = reader.peek();
    values.push(readExpression(reader, scope));
    const isNamed = reader.takes('AS');
    columns.push(isNamed ? reader.name() : token?.kind === 'word' ? token.text : '?');
  } while (reader.takesMark(','));
  return { columns, values };
};

type Returning = ReturnType<typeof readReturning>;

const answer = (changed: readonly Values[], returning: Returning, params: readonly Value[]) => {
  if (!returning) return { changes: changed.length, rows: NOTHING };
  const rows = changed.map((row) =>
    returning.values.map((value) => value({ rows: [row], params })),
  );
  return { changes: changed.length, rows };
};

interface Conflict {
  readonly unique: Unique;
  readonly update:
    | {
        readonly assignments: [number, Expression][];
        readonly where: Expression;
      }
    | undefined;
}

const readConflict = (
  reader: Reader,
  tables: Tables,
  table: Table,
  counter: { next: number },
): Conflict | undefined => {
  if (!reader.takes('ON', 'CONFLICT')) return undefined;
  const columns: number[] = [];
  reader.needsMark('(');
  do columns.push(table.columns.indexOf(reader.name()));
  while (reader.takesMark(','));
  reader.needsMark(')');
  const unique =
    table.uniques.find(
      (one) =>
        one.columns.length === columns.length &&
        one.columns.every((each) => columns.includes(each)),
    ) ?? reader.fail('a conflict on what is not unique');
  reader.needs('DO');
  if (reader.takes('NOTHING')) return { unique, update: undefined };
  reader.needs('UPDATE', 'SET');
  const scope = scopeFor(tables, table, counter, true);
  const assignments = readAssignments(reader, table, scope);
  const where = reader.takes('WHERE') ? readExpression(reader, scope) : () => 1;
  return { unique, update: { assignments, where } };
};

const readInsert = (reader: Reader, tables: Tables): Compiled => {
  const counter = { next: 0 };
  const table = tableOf(reader, tables);
  const scope = scopeFor(tables, table, counter);
  const columns: number[] = [];
  reader.needsMark('(');
  do columns.push(table.columns.indexOf(reader.name()));
  while (reader.takesMark(','));
  reader.needsMark(')');
  if (columns.includes(-1)) reader.fail('a column that is not there');
  const tuples: Expression[][] = [];
  let source: Select | undefined;
  if (reader.sees('SELECT')) source = readSelect(reader, tables, counter);
  else {
    reader.needs('VALUES');
    do {
      reader.needsMark('(');
      const tuple: Expression[] = [];
      do tuple.push(readExpression(reader, scope));
      while (reader.takesMark(','));
      reader.needsMark(')');
      tuples.push(tuple);
    } while (reader.takesMark(','));
  }
  const conflict = readConflict(reader, tables, table, counter);
  const returning = readReturning(reader, table, scope);

  const put = (values: readonly Value[], params: readonly Value[], undo: Undo) => {
    const row: Values = [...table.defaults];
    values.forEach((value, index) => (row[columns[index]!] = value));
    const holder = conflict && holderOf(conflict.unique, row);
    if (!holder) {
      insertRow(table, row, undo);
      return row;
    }
    skipNumber(table, undo);
    const { update } = conflict;
    const env = { rows: [holder, row], params };
    if (!update || !isTrue(update.where(env))) return undefined;
    const after = assign(holder, update.assignments, env);
    replaceRow(table, holder, after, undo);
    return after;
  };
  return {
    parameters: counter.next,
    columns: returning?.columns ?? [],
    run(params, undo) {
      const env: Env = { rows: [], params };
      const given = source
        ? source.run(env)
        : tuples.map((tuple) => tuple.map((value) => value(env)));
      const changed = given
        .map((values) => put(values, params, undo))
        .filter((row) => row !== undefined);
      return answer(changed, returning, params);
    },
  };
};

/** Rows that pass, found by a unique column where the condition names one. */
const readWhere = (reader: Reader, scope: Scope): Expression =>
  reader.takes('WHERE') ? readExpression(reader, scope) : () => 1;

const readUpdate = (reader: Reader, tables: Tables): Compiled => {
  const counter = { next: 0 };
  const table = tableOf(reader, tables);
  const scope = scopeFor(tables, table, counter);
  reader.needs('SET');
  const assignments = readAssignments(reader, table, scope);
  const where = readWhere(reader, scope);
  const returning = readReturning(reader, table, scope);
  return {
    parameters: counter.next,
    columns: returning?.columns ?? [],
    run(params, undo) {
      const found = rowsThat(table, where, params);
      const changed = found.map((row) => {
        const after = assign(row, assignments, { rows: [row], params });
        replaceRow(table, row, after, undo);
        return after;
      });
      return answer(changed, returning, params);
    },
  };
};

const readDelete = (reader: Reader, tables: Tables): Compiled => {
  const counter = { next: 0 };
  const table = tableOf(reader, tables);
  const scope = scopeFor(tables, table, counter);
  const where = readWhere(reader, scope);
  const returning = readReturning(reader, table, scope);
  return {
    parameters: counter.next,
    columns: returning?.columns ?? [],
    run(params, undo) {
      const gone = rowsThat(table, where, params);
      deleteRows(table, gone, undo);
      return answer(gone, returning, params);
    },
  };
};

/** Reads one SELECT, INSERT, UPDATE or DELETE. Throws at what it does not know. */
export const compile = (sql: string, tables: Tables): Compiled => {
  const reader = createReader(sql);
  const read = (): Compiled => {
    if (reader.takes('INSERT', 'INTO')) return readInsert(reader, tables);
    if (reader.takes('UPDATE')) return readUpdate(reader, tables);
    if (reader.takes('DELETE', 'FROM')) return readDelete(reader, tables);
    const counter = { next: 0 };
    const select = readSelect(reader, tables, counter);
    return {
      parameters: counter.next,
      columns: select.columns,
      run: (params) => ({
        changes: 0,
        rows: select.run({ rows: [], params }),
      }),
    };
  };
  const compiled = read();
  if (!reader.atEnd()) reader.fail('something after the end');
  return compiled;
};
