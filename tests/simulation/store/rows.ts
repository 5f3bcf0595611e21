import type { Migration, Row, SqlValue, Statement, WriteResult } from '@holdfast/store';

/** The tables of one store, on stable storage: what is written is there at once, all of it or nothing. */
export interface Rows {
  /** Throws StoreError as a store would reject. */
  write(statements: readonly Statement[]): WriteResult;
  read(sql: string, params?: readonly SqlValue[]): Row[];
  /** Forgets all rows; the tables stay. */
  clear(): void;
}

/** Opens empty tables as these migrations leave them. */
export type OpenRows = (migrations: readonly Migration[]) => Rows;
