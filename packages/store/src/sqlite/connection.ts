import Database from 'libsql';
import type { BoundValue } from '../sql-values.ts';
import { StoreError } from '../store-error.ts';
import type { ColumnValue } from '../store.ts';
import type { RowSet } from './protocol.ts';

export interface SqliteStatement {
  run(params: readonly unknown[]): { changes: number };
  all(params: readonly unknown[]): unknown[][];
  iterate(params: readonly unknown[]): Iterator<unknown[]>;
}

/** The one place that talks to the native driver: statement cache, value conversion. */
export interface Connection {
  run(sql: string, params?: readonly BoundValue[]): number;
  rows(sql: string, params?: readonly BoundValue[]): RowSet;
  iterate(sql: string, params: readonly BoundValue[]): RowIterator;
  exec(sql: string): void;
  readonly inTransaction: boolean;
  interrupt(): void;
  close(): void;
}

export interface RowIterator {
  columns: string[];
  rows: Iterator<unknown[]>;
}

const cacheLimit = 256;

/** Integers are bound as int64: the driver would bind a JavaScript number as a float. */
function toDriver(value: BoundValue): BoundValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

export function fromDriver(value: unknown): ColumnValue {
  if (typeof value !== 'bigint') return value as ColumnValue;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new StoreError('STORE_VALUE', `integer ${value} read, expected one within 2^53`);
  }
  return number;
}

type DriverStatement = SqliteStatement & {
  raw(on: boolean): DriverStatement;
  safeIntegers(on: boolean): DriverStatement;
  columns(): { name: string }[];
};

interface Cached {
  statement: DriverStatement;
  columns: string[] | undefined;
}

export function openConnection(location: string): Connection {
  const database = new Database(location);
  const cache = new Map<string, Cached>();

  function prepare(sql: string): Cached {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const prepared = database.prepare(sql) as unknown as DriverStatement;
    const cached = { statement: prepared, columns: undefined };
    if (cache.size >= cacheLimit) cache.clear();
    cache.set(sql, cached);
    return cached;
  }

  function columnsOf(cached: Cached): string[] {
    if (cached.columns === undefined) {
      cached.statement.raw(true).safeIntegers(true);
      cached.columns = cached.statement.columns().map((column) => column.name);
    }
    return cached.columns;
  }

  return {
    run: (sql, params = []) => prepare(sql).statement.run(params.map(toDriver)).changes,
    rows(sql, params = []) {
      const cached = prepare(sql);
      const columns = columnsOf(cached);
      const rows = cached.statement.all(params.map(toDriver));
      return { columns, rows: rows.map((row) => row.map(fromDriver)) };
    },
    iterate(sql, params) {
      const cached = prepare(sql);
      return {
        columns: columnsOf(cached),
        rows: cached.statement.iterate(params.map(toDriver)),
      };
    },
    exec: (sql) => database.exec(sql),
    get inTransaction() {
      return database.inTransaction;
    },
    interrupt: () => (database as unknown as { interrupt(): void }).interrupt(),
    close() {
      cache.clear();
      database.close();
    },
  };
}
