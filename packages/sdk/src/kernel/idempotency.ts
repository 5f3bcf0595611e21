import { createHash } from 'node:crypto';
import { HoldfastError } from '@holdfast/contracts';
import type { Migration, Statement, Store } from '@holdfast/store';
import type { Clock } from '../clock.ts';
import type { Call } from './define-kernel.ts';

export const idempotencyMigration: Migration = {
  version: 2,
  name: 'idempotency',
  sql: [
    `CREATE TABLE idempotency (
      scope TEXT NOT NULL PRIMARY KEY,
      digest TEXT NOT NULL,
      answer TEXT NOT NULL,
      created_at {bigint} NOT NULL
    )`,
  ],
};

const KEEP_MS = 24 * 60 * 60 * 1000;

/** Remembers the answers of creating operations by principal, operation and Idempotency-Key for 24 hours. */
export interface Idempotency {
  /** The first answer of this key, if there is one. Throws idempotency_mismatch when the input differs. */
  replay<T>(call: Call, op: string, input: unknown): Promise<T | undefined>;
  /** Goes into the same write as the state that it remembers. Empty when the call has no key. */
  remember(call: Call, op: string, input: unknown, answer: unknown): Statement[];
}

const scopeOf = (call: Call, op: string): string =>
  JSON.stringify([call.principal.id, op, call.idempotencyKey]);
const digestOf = (input: unknown): string =>
  createHash('sha256').update(JSON.stringify(input)).digest('hex');

export const createIdempotency = (store: Store, clock: Clock): Idempotency => ({
  async replay<T>(call: Call, op: string, input: unknown): Promise<T | undefined> {
    if (!call.idempotencyKey) return undefined;
    const rows = await store.read<{ digest: string; answer: string }>(
      'SELECT digest, answer FROM idempotency WHERE scope = ? AND created_at > ?',
      [scopeOf(call, op), clock.now() - KEEP_MS],
    );
    const row = rows[0];
    if (!row) return undefined;
    if (row.digest !== digestOf(input))
      throw new HoldfastError('idempotency_mismatch', { key: call.idempotencyKey });
    return JSON.parse(row.answer) as T;
  },
  remember(call, op, input, answer) {
    if (!call.idempotencyKey) return [];
    const scope = scopeOf(call, op);
    return [
      { sql: 'DELETE FROM idempotency WHERE created_at <= ?', params: [clock.now() - KEEP_MS] },
      {
        sql: 'INSERT INTO idempotency (scope, digest, answer, created_at) VALUES (?, ?, ?, ?)',
        params: [scope, digestOf(input), JSON.stringify(answer), clock.now()],
      },
    ];
  },
});
