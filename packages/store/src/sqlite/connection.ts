import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import type { BoundValue } from '../sql-values.ts';
import { StoreError } from '../store-error.ts';
import type { ColumnValue, Row } from '../store.ts';

/**
 * The one place that talks to the native driver: statement cache, value conversion, and two faces
 * of one connection. While the promise of `runAside` is pending nothing else may be called.
 */
export interface Connection {
  run(sql: string, params?: readonly BoundValue[]): number;
  rows(sql: string, params?: readonly BoundValue[]): Row[];
  iterate(sql: string, params: readonly BoundValue[]): Iterator<Row>;
  exec(sql: string): void;
  /** Runs on a thread of the driver, so that the event loop does not wait for the disk. */
  runAside(sql: string): Promise<void>;
  readonly inTransaction: boolean;
  interrupt(): void;
  /** The file stays open until the statements are collected; no lock is held and no log pinned. */
  close(): void;
}

const cacheLimit = 256;

/** Integers are bound as int64: the driver would bind a JavaScript number as a float. */
function toDriver(value: BoundValue): BoundValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function fromDriver(value: unknown): ColumnValue {
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new StoreError('STORE_VALUE', `integer ${value} read, expected one within 2^53`);
  }
  if (Buffer.isBuffer(value)) return new Uint8Array(value.buffer, value.byteOffset, value.length);
  return value as ColumnValue;
}

/** A copy: what a caller gave may be bound again, when a group is redone. */
function toDriverRow(params: readonly BoundValue[]): BoundValue[] {
  const row: BoundValue[] = Array(params.length);
  for (let at = 0; at < params.length; at++) row[at] = toDriver(params[at] as BoundValue);
  return row;
}

interface DriverStatement {
  run(params: readonly unknown[]): { changes: number };
  iterate(params: readonly unknown[]): Iterable<unknown[]> & Iterator<unknown[]>;
  raw(on: boolean): DriverStatement;
  safeIntegers(on: boolean): DriverStatement;
  columns(): { name: string }[];
}

interface Cached {
  statement: DriverStatement;
  columns: string[] | undefined;
}

function toRow(columns: readonly string[], values: readonly unknown[]): Row {
  const row: Row = {};
  for (let index = 0; index < columns.length; index++) {
    row[columns[index] as string] = fromDriver(values[index]);
  }
  return row;
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

  function* iterate(sql: string, params: readonly BoundValue[]): Generator<Row, void> {
    const cached = prepare(sql);
    const columns = columnsOf(cached);
    for (const values of cached.statement.iterate(toDriverRow(params))) {
      yield toRow(columns, values);
    }
  }

  return {
    run: (sql, params = []) => prepare(sql).statement.run(toDriverRow(params)).changes,
    rows: (sql, params = []) => [...iterate(sql, params)],
    iterate,
    exec: (sql) => database.exec(sql),
    // The driver's two modules wrap the same native handle, which both keep in `db`.
    runAside: (sql) => AsyncDatabase.prototype.exec.call(database as never, sql) as Promise<void>,
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
