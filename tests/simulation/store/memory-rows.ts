import {
  StoreError,
  type Migration,
  type Row,
  type SqlValue,
  type Statement,
  type WriteResult,
} from '@holdfast/store';
import { renderDdl } from '../../../packages/store/src/dialect.ts';
import type { Rows } from './rows.ts';
import { define, type Tables } from './sql/create-table.ts';
import { compile, type Compiled, type Outcome } from './sql/statements.ts';
import { insertRow, type Undo } from './sql/tables.ts';
import type { Value } from './sql/values.ts';

const bind = (params: readonly SqlValue[], expected: number, sql: string): Value[] => {
  if (params.length !== expected)
    throw new StoreError('STORE_SQL', `${params.length} parameters, expected ${expected}: ${sql}`);
  return params.map((value) => {
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value === 'bigint') return Number(value);
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
      throw new StoreError('STORE_VALUE', `a parameter is ${value}: ${sql}`);
    return value;
  });
};

const toRows = ({ columns, rows }: Outcome): Row[] =>
  rows.map((values) => {
    const row: Row = {};
    for (let at = 0; at < columns.length; at += 1) row[columns[at]!] = values[at]!;
    return row;
  });

/**
 * Tables in plain memory, for the part of SQL that the kernels use: a history takes a fraction of the time that it takes
 * on SQLite, and one of the tests shows that it is the same history.
 */
export const openMemoryRows = (migrations: readonly Migration[]): Rows => {
  const tables: Tables = new Map();
  for (const { sql } of migrations)
    for (const statement of sql) {
      const text = renderDdl(statement, 'sqlite').replace(/ STRICT$/, '');
      if (/^\s*(CREATE|ALTER)/i.test(text)) define(text, tables);
      else compile(text, tables).run([], []);
    }
  const first = [...tables.values()].map((table) => ({
    table,
    last: table.last,
    rows: table.rows.map((row) => [...row]),
  }));
  const statements = new Map<string, Compiled>();
  const prepare = (sql: string): Compiled => {
    const known = statements.get(sql);
    if (known) return known;
    const made = compile(sql, tables);
    statements.set(sql, made);
    return made;
  };

  const runOne = (
    { sql, params = [], many, expect }: Statement,
    undo: Undo,
  ): { changes: number; rows: Row[] } => {
    const statement = prepare(sql);
    let changes = 0;
    const rows: Row[] = [];
    for (const given of many ?? [params]) {
      const outcome = statement.run(bind(given, statement.parameters, sql), undo);
      changes += outcome.changes;
      if (outcome.columns.length > 0) rows.push(...toRows(outcome));
    }
    if (expect !== undefined && changes !== expect)
      throw new StoreError(
        'WRITE_CONFLICT',
        `${changes} rows changed, expected ${expect}, by: ${sql.slice(0, 120)}`,
      );
    return { changes, rows };
  };

  return {
    write(all): WriteResult {
      const undo: Undo = [];
      try {
        const outcomes = all.map((statement) => runOne(statement, undo));
        return {
          changes: outcomes.map(({ changes }) => changes),
          rows: outcomes.map(({ rows }) => rows),
        };
      } catch (error) {
        for (const step of undo.toReversed()) step();
        throw error;
      }
    },
    read(sql, params = []) {
      if (!/^\s*(SELECT|VALUES|WITH)/i.test(sql))
        throw new StoreError('STORE_SQL', `no read: ${sql.slice(0, 120)}`);
      const statement = prepare(sql);
      return toRows(statement.run(bind(params, statement.parameters, sql), []));
    },
    clear() {
      for (const { table, last, rows } of first) {
        for (const { rows: held } of table.uniques) held.clear();
        table.rows = [];
        for (const row of rows) insertRow(table, [...row], []);
        table.last = last;
      }
    },
  };
};
