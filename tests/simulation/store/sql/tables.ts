import { StoreError } from '@holdfast/store';
import type { Expression } from './expressions.ts';
import { keyOf, type Value, type Values } from './values.ts';

export interface Unique {
  /** Of the index; a table's own keys have none. */
  readonly name: string | undefined;
  readonly columns: readonly number[];
  /** Rows for which this does not hold are not in it. */
  readonly where: Expression | undefined;
  readonly rows: Map<string, Values>;
}

export interface Table {
  readonly name: string;
  readonly columns: string[];
  readonly required: boolean[];
  readonly defaults: Value[];
  /** The column that numbers rows by itself. */
  identity: number | undefined;
  last: number;
  readonly uniques: Unique[];
  readonly checks: Expression[];
  rows: Values[];
}

/** How to take back what was changed, last first. */
export type Undo = (() => void)[];

export const constraint = (words: string): StoreError =>
  new StoreError('STORE_CONSTRAINT', `writing: ${words}`);

const keyIn = ({ columns, where }: Unique, row: Values): string | undefined => {
  if (columns.length === 1 && !where) {
    const only = row[columns[0]!] ?? null;
    return only === null ? undefined : keyOf([only]);
  }
  const values = columns.map((column) => row[column] ?? null);
  if (values.includes(null)) return undefined;
  if (where) {
    const passes = where({ rows: [row], params: [] });
    if (passes === null || passes === 0) return undefined;
  }
  return keyOf(values);
};

/** The row that keeps another one with these values out of an index. */
export const holderOf = (unique: Unique, row: Values): Values | undefined => {
  const key = keyIn(unique, row);
  return key === undefined ? undefined : unique.rows.get(key);
};

/** The row of an index without a condition that has these values. */
export const holderWith = ({ rows }: Unique, values: readonly Value[]): Values | undefined =>
  values.includes(null) ? undefined : rows.get(keyOf(values));

const nameOf = (table: Table, { columns }: Unique): string =>
  columns.map((column) => `${table.name}.${table.columns[column]}`).join(', ');

const check = (table: Table, row: Values): void => {
  const empty = table.required.findIndex((required, index) => required && row[index] === null);
  if (empty >= 0)
    throw constraint(`NOT NULL constraint failed: ${table.name}.${table.columns[empty]}`);
  for (const passes of table.checks)
    if (passes({ rows: [row], params: [] }) === 0)
      throw constraint(`CHECK constraint failed: ${table.name}`);
};

const enter = (table: Table, row: Values, undo: Undo): void => {
  for (const unique of table.uniques) {
    const key = keyIn(unique, row);
    if (key === undefined) continue;
    if (unique.rows.has(key))
      throw constraint(`UNIQUE constraint failed: ${nameOf(table, unique)}`);
    unique.rows.set(key, row);
    undo.push(() => unique.rows.delete(key));
  }
};

const withdraw = (table: Table, row: Values, undo: Undo): void => {
  for (const unique of table.uniques) {
    const key = keyIn(unique, row);
    if (key === undefined || unique.rows.get(key) !== row) continue;
    unique.rows.delete(key);
    undo.push(() => unique.rows.set(key, row));
  }
};

export const insertRow = (table: Table, row: Values, undo: Undo): void => {
  const { identity } = table;
  if (identity !== undefined) {
    const before = table.last;
    undo.push(() => (table.last = before));
    row[identity] ??= table.last + 1;
    table.last = Math.max(table.last, row[identity] as number);
  }
  check(table, row);
  enter(table, row, undo);
  table.rows.push(row);
  undo.push(() => table.rows.splice(table.rows.indexOf(row), 1));
};

/** A row that was not inserted after all has used up its number, as in SQLite. */
export const skipNumber = (table: Table, undo: Undo): void => {
  if (table.identity === undefined) return;
  table.last += 1;
  undo.push(() => (table.last -= 1));
};

/** Puts a row in another's place. */
export const replaceRow = (table: Table, before: Values, after: Values, undo: Undo): void => {
  check(table, after);
  withdraw(table, before, undo);
  enter(table, after, undo);
  const at = table.rows.indexOf(before);
  table.rows[at] = after;
  undo.push(() => (table.rows[table.rows.indexOf(after)] = before));
};

export const deleteRows = (table: Table, gone: readonly Values[], undo: Undo): void => {
  if (gone.length === 0) return;
  for (const row of gone) withdraw(table, row, undo);
  const before = table.rows;
  const out = new Set(gone);
  table.rows = before.filter((row) => !out.has(row));
  undo.push(() => (table.rows = before));
};
