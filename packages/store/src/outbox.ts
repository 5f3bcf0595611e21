import type { Statement } from './store.ts';

/** An event as a kernel publishes it. `body` is its JSON text. */
export interface OutboxEvent {
  id: string;
  type: string;
  body: string;
  /** Higher goes first where the relay has a choice. Default 0. */
  priority?: number;
  /** RFC 3339 UTC. */
  createdAt: string;
}

export interface PendingEvent {
  seq: number;
  id: string;
  type: string;
  body: string;
  priority: number;
  created_at: string;
}

/** To be put into a kernel's own migration: the table whose rows wait for the relay. */
export const outboxSql: readonly string[] = [
  'CREATE TABLE outbox (seq {identity}, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, ' +
    'body TEXT NOT NULL, priority INTEGER NOT NULL, created_at TEXT NOT NULL)',
];

/** Publishing is this one statement in the same write as the state it announces. */
export function insertEvent(event: OutboxEvent): Statement {
  return {
    sql: 'INSERT INTO outbox (id, type, body, priority, created_at) VALUES (?, ?, ?, ?, ?)',
    params: [event.id, event.type, event.body, event.priority ?? 0, event.createdAt],
  };
}

/** The oldest events that were not handed over, in the order of their commits; for `Store.read`. */
export function pendingEvents(limit: number): { sql: string; params: number[] } {
  return {
    sql: 'SELECT seq, id, type, body, priority, created_at FROM outbox ORDER BY seq LIMIT ?',
    params: [limit],
  };
}

/**
 * Forgets just these. With several writers a lower number may commit after a higher one, so that
 * "up to" would drop what was never handed over.
 */
export function ackExactly(seqs: readonly number[]): Statement {
  return { sql: 'DELETE FROM outbox WHERE seq = ?', many: seqs.map((seq) => [seq]) };
}

/** Forgets what the bus has acknowledged, up to and including `seq`; for a store with one writer. */
export function ackEvents(upToSeq: number): Statement {
  return { sql: 'DELETE FROM outbox WHERE seq <= ?', params: [upToSeq] };
}
