import { HoldfastError, PRIORITIES, type BusEvent, type Event } from '@holdfast/contracts';
import type { Store } from '@holdfast/store';

export interface EventQuery {
  readonly after: number;
  readonly limit: number;
  readonly type?: string;
  readonly correlation?: string;
}

/** The durable sequence of all events. */
export interface EventStore {
  /** Stores in order and answers after the commit. Throws event_conflict when an id comes again with other content. */
  append(
    events: readonly Event[],
  ): Promise<{ accepted: number; duplicates: number; lastSeq: number }>;
  list(query: EventQuery): Promise<BusEvent[]>;
  count(query: Pick<EventQuery, 'type' | 'correlation'>): Promise<number>;
  lastSeq(): Promise<number>;
}

export interface EventRow {
  readonly seq: number;
  readonly body: string;
}

export const toBusEvent = (row: EventRow): BusEvent => ({
  seq: row.seq,
  event: JSON.parse(row.body) as Event,
});

const INSERT = `INSERT INTO events (id, type, priority, correlation, body) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

const toParams = (event: Event) => [
  event.id,
  event.type,
  PRIORITIES.indexOf(event.priority),
  event.correlationid ?? '',
  JSON.stringify(event),
];

const where = (
  query: Pick<EventQuery, 'type' | 'correlation'> & { after?: number },
): { sql: string; params: (string | number)[] } => {
  const parts: string[] = ['seq > ?'];
  const params: (string | number)[] = [query.after ?? 0];
  if (query.type !== undefined) {
    parts.push('type = ?');
    params.push(query.type);
  }
  if (query.correlation !== undefined) {
    parts.push('correlation = ?');
    params.push(query.correlation);
  }
  return { sql: parts.join(' AND '), params };
};

/** The same event may come again with its keys in another order: compare what it says. */
const sameEvent = (stored: string, event: Event): boolean => {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([key, inner]) => [key, sorted(inner)]),
          )
        : value;
  return (
    stored === JSON.stringify(event) ||
    JSON.stringify(sorted(JSON.parse(stored))) === JSON.stringify(sorted(event))
  );
};

export const createEventStore = (store: Store): EventStore => {
  const refuseConflicts = async (events: readonly Event[]): Promise<void> => {
    for (const event of events) {
      const [row] = await store.read<{ body: string }>('SELECT body FROM events WHERE id = ?', [
        event.id,
      ]);
      if (row && !sameEvent(row.body, event))
        throw new HoldfastError('event_conflict', { id: event.id });
    }
  };
  const lastSeq = async (): Promise<number> => {
    const [row] = await store.read<{ seq: number | null }>('SELECT MAX(seq) AS seq FROM events');
    return row?.seq ?? 0;
  };
  return {
    async append(events) {
      const { changes } = await store.write([{ sql: INSERT, many: events.map(toParams) }]);
      const accepted = changes[0] ?? 0;
      if (accepted < events.length) await refuseConflicts(events);
      return { accepted, duplicates: events.length - accepted, lastSeq: await lastSeq() };
    },
    async list(query) {
      const { sql, params } = where(query);
      const rows = await store.read<EventRow>(
        `SELECT seq, body FROM events WHERE ${sql} ORDER BY seq LIMIT ?`,
        [...params, query.limit],
      );
      return rows.map(toBusEvent);
    },
    async count(query) {
      const { sql, params } = where(query);
      const [row] = await store.read<{ count: number }>(
        `SELECT COUNT(*) AS count FROM events WHERE ${sql}`,
        params,
      );
      return row?.count ?? 0;
    },
    lastSeq,
  };
};
