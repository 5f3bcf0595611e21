import type { Migration } from './migration-plan.ts';

/** Booleans are stored and read back as 0 and 1 by both engines. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/** What a column holds when it is read: integers are safe numbers, blobs are Uint8Array. */
export type ColumnValue = string | number | null | Uint8Array;
export type Row = Record<string, ColumnValue>;

/**
 * One statement of a write, in the SQL both engines take, with `?` placeholders.
 * `many` runs the statement once per parameter row and counts as one entry of the result.
 * `expect` is the exact number of rows it must change in all; otherwise the whole write is rolled
 * back with WRITE_CONFLICT.
 */
export interface Statement {
  sql: string;
  params?: readonly SqlValue[];
  many?: readonly (readonly SqlValue[])[];
  expect?: number;
}

/** One entry per statement, in order. `rows` is empty unless the statement returns rows. */
export interface WriteResult {
  changes: number[];
  rows: Row[][];
}

export interface StoreStats {
  engine: 'sqlite' | 'postgres';
  /** Transactions committed since the store was opened. */
  batches: number;
  /** Writes acknowledged and writes rejected since the store was opened. */
  writes: number;
  rejected: number;
  /** Writes accepted and not yet answered. */
  queueDepth: number;
  /** Duration of the latest commit, fsync included; undefined before the first. */
  lastCommitMs: number | undefined;
  /** What the operator should know about this store, such as a role that could not be created. */
  notes: readonly string[];
}

/** Every method rejects with StoreError and nothing else. */
export interface Store {
  readonly engine: 'sqlite' | 'postgres';
  /** Other processes may write the same data meanwhile: what was read may be old, guards decide. */
  readonly shared?: boolean;
  /**
   * One atomic, durable write: resolves only after the commit reached stable storage. Concurrent
   * callers share one commit; the failure of one rolls back only its own statements. The bytes of
   * a parameter are not copied: leave them as they are until then. On SQLite the rows are put in
   * on the event loop, in a few microseconds each: cut a write of tens of thousands into several.
   */
  write(statements: readonly Statement[]): Promise<WriteResult>;
  /**
   * Sees every write acknowledged before the call, and nothing that is not yet durable. On SQLite
   * a statement runs on the event loop: what may give more than about 1,000 rows, or looks at many
   * more than it gives, is the caller's to cut into pages by a key, or to scan.
   */
  read<T = Row>(sql: string, params?: readonly SqlValue[]): Promise<T[]>;
  /**
   * One consistent snapshot in pages of at most `pageSize` rows; memory does not grow with the
   * result. On SQLite the event loop runs between pages, not within one: order by an index.
   */
  scan<T = Row>(sql: string, params?: readonly SqlValue[], pageSize?: number): AsyncIterable<T[]>;
  /** Answers every accepted write, then releases the lock. A second call waits for the first. */
  close(): Promise<void>;
  stats(): StoreStats;
}

export interface StoreLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

export interface StoreOptions {
  /** Names the file and the schema: lower-case letters, digits and underscores, at most 40. */
  kernel: string;
  /** Directory of the SQLite file; created when missing. Not used with a database URL. */
  dir: string;
  /** `postgres://...` selects the PostgreSQL engine. */
  databaseUrl?: string;
  migrations: readonly Migration[];
  log?: StoreLog;
  /** Opens without the writer's lock; never writes, migrates or checkpoints. */
  readonly?: boolean;
  /**
   * Lets several processes write at the same time, on PostgreSQL: their writes have to guard
   * themselves by what they expect. SQLite keeps its one writer.
   */
  shared?: boolean;
  /** How long to wait for another writer to leave before STORE_LOCKED. Default 5000. */
  lockTimeoutMs?: number;
  /** Ceiling of the SQLite file in bytes; a write beyond it is rejected with STORE_IO. */
  maxBytes?: number;
}
