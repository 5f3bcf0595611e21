import { PRIORITIES, type BusEvent } from '@holdfast/contracts';
import type { Store } from '@holdfast/store';
import { toBusEvent, type EventRow } from './event-store.ts';

/**
 * Durable subscriptions: one cursor for each priority, so that a critical event is delivered before older normal ones
 * and nothing is delivered twice after it was acknowledged. A new subscription starts at the first event.
 */
export interface Subscriptions {
  fetch(name: string, types: readonly string[], limit: number): Promise<BusEvent[]>;
  /** Acknowledges each priority up to and including its highest given position. */
  ack(name: string, seqs: readonly number[]): Promise<void>;
  pending(name: string): Promise<number>;
}

const UPSERT = `INSERT INTO cursors (subscription, priority, seq) VALUES (?, ?, ?)
  ON CONFLICT (subscription, priority) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > cursors.seq`;

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

export const createSubscriptions = (store: Store): Subscriptions => {
  const cursor = async (name: string, priority: number): Promise<number> => {
    const [row] = await store.read<{ seq: number }>(
      'SELECT seq FROM cursors WHERE subscription = ? AND priority = ?',
      [name, priority],
    );
    return row?.seq ?? 0;
  };
  return {
    async fetch(name, types, limit) {
      const found: BusEvent[] = [];
      for (const priority of PRIORITIES.keys()) {
        if (found.length >= limit) break;
        const after = await cursor(name, priority);
        const filter = types.length === 0 ? '' : `AND type IN (${marks(types)})`;
        const rows = await store.read<EventRow>(
          `SELECT seq, body FROM events WHERE priority = ? AND seq > ? ${filter} ORDER BY seq LIMIT ?`,
          [priority, after, ...types, limit - found.length],
        );
        found.push(...rows.map(toBusEvent));
      }
      return found;
    },
    async ack(name, seqs) {
      if (seqs.length === 0) return;
      const rows = await store.read<{ priority: number; seq: number }>(
        `SELECT priority, MAX(seq) AS seq FROM events WHERE seq IN (${marks(seqs)}) GROUP BY priority`,
        seqs,
      );
      if (rows.length > 0)
        await store.write([
          { sql: UPSERT, many: rows.map((row) => [name, row.priority, row.seq]) },
        ]);
    },
    async pending(name) {
      let total = 0;
      for (const priority of PRIORITIES.keys()) {
        const after = await cursor(name, priority);
        const [row] = await store.read<{ count: number }>(
          'SELECT COUNT(*) AS count FROM events WHERE priority = ? AND seq > ?',
          [priority, after],
        );
        total += row?.count ?? 0;
      }
      return total;
    },
  };
};
