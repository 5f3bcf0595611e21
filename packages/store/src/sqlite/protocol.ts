import type { Migration } from '../migration-plan.ts';
import type { BoundValue } from '../sql-values.ts';
import type { StoreErrorCode } from '../store-error.ts';
import type { ColumnValue } from '../store.ts';

/**
 * Messages between the store and its worker. Tuples, because structured clone writes the keys of
 * every object again; each text of SQL travels once per message.
 */
export type Run = readonly BoundValue[];

/** [index into `sqls`, returns rows, verb changes rows, expected changes or -1, parameter rows] */
export type WireStatement = [
  sql: number,
  returning: boolean,
  changing: boolean,
  expect: number,
  runs: readonly Run[],
];
export type WireWrite = [id: number, statements: WireStatement[]];
export type WireRead = [id: number, sql: string, params: Run];

export type ScanRequest =
  | { open: string; params: Run; pageSize: number; scan: number; id: number }
  | { next: true; scan: number; id: number }
  | { stop: true; scan: number; id: number };

export interface Request {
  sqls: string[];
  writes: WireWrite[];
  reads: WireRead[];
  scans: ScanRequest[];
  close: boolean;
}

/** Column names once, then the values by row. */
export interface RowSet {
  columns: string[];
  rows: ColumnValue[][];
}

export interface WireFailure {
  code: StoreErrorCode;
  message: string;
}

export interface WriteOutcome {
  changes: number[];
  rows: (RowSet | undefined)[];
}

export type WriteReply = [id: number, outcome: WriteOutcome | undefined, failure?: WireFailure];
export type ReadReply = [id: number, rows: RowSet | undefined, failure?: WireFailure];

export type Reply =
  | { kind: 'ready' }
  | { kind: 'refused'; failure: WireFailure }
  | { kind: 'committed'; writes: WriteReply[]; commitMs: number; batches: number }
  | { kind: 'rows'; reads: ReadReply[] }
  | { kind: 'closed' };

export interface WorkerOptions {
  file: string;
  lockFile: string;
  readonly: boolean;
  lockTimeoutMs: number;
  maxBytes: number | undefined;
  migrations: readonly Migration[];
}
