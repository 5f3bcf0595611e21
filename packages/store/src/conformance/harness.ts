import { afterEach } from 'vitest';
import type { Migration } from '../migration-plan.ts';
import { openStore } from '../open-store.ts';
import { StoreError } from '../store-error.ts';
import type { Row, Store, StoreOptions } from '../store.ts';

/** Where an engine keeps its data during the tests. */
export interface ConformanceTarget {
  dir: string;
  databaseUrl?: string;
}

export interface Harness {
  target(): ConformanceTarget;
  /** A name no other test uses. */
  newKernel(): string;
  /** Opens a store that is closed after the test; a fresh kernel with the table `notes` by default. */
  open(options?: Partial<StoreOptions>): Promise<Store>;
}

export const notesMigration: Migration = {
  version: 1,
  name: 'notes',
  sql: [
    'CREATE TABLE notes (seq {identity}, name TEXT NOT NULL UNIQUE, size INTEGER, weight REAL, data BLOB, done {bool}, body TEXT)',
  ],
};

export const insertNote = (name: string, expect?: number) => ({
  sql: 'INSERT INTO notes (name) VALUES (?)',
  params: [name],
  expect,
});

export async function names(store: Store): Promise<unknown[]> {
  const rows = await store.read<Row>('SELECT name FROM notes ORDER BY seq');
  return rows.map((row) => row['name']);
}

/** The code a promise was rejected with, or 'resolved'. Anything but a StoreError is thrown on. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
}

let kernels = 0;

export function createHarness(target: () => ConformanceTarget): Harness {
  const opened: Store[] = [];
  const newKernel = () => `case_${process.pid}_${++kernels}`;
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });
  return {
    target,
    newKernel,
    async open(options) {
      const store = await openStore({
        kernel: newKernel(),
        migrations: [notesMigration],
        ...target(),
        ...options,
      });
      opened.push(store);
      return store;
    },
  };
}
