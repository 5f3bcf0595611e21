import type { Client } from '@holdfast/client';
import { isHoldfastError, type Event, type busApi } from '@holdfast/contracts';
import {
  ackEvents,
  ackExactly,
  pendingEvents,
  type PendingEvent,
  type Store,
} from '@holdfast/store';
import { isYoungerThan, type Clock } from '../clock.ts';
import type { Logger } from '../log/logger.ts';

export interface OutboxRelay {
  /** Says that there is something new; never waits. */
  kick(): void;
  /** Events that the bus has not acknowledged yet. */
  lag(): Promise<number>;
  /** Nothing is left to hand over. */
  isIdle(): boolean;
  stop(): Promise<void>;
}

export type PublishEvents = (events: Event[]) => Promise<unknown>;

/** As many rows from the front as fit, at least one. */
const takeBytes = (rows: readonly PendingEvent[]): PendingEvent[] => {
  let bytes = 0;
  return rows.filter(({ body }, index) => {
    bytes += Buffer.byteLength(body);
    return index === 0 || bytes <= BATCH_BYTES;
  });
};

export const publishOverBus =
  (bus: Client<typeof busApi>): PublishEvents =>
  (events) =>
    bus.publishEvents({ events });

const BATCH = 100;
/** Well below what the bus takes in one request, however large single events are. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** An event that follows others goes out this long after them at the earliest: many come as one batch, also to the ledger. */
const GATHER_MS = 50;
/** One that follows none lets those go first who wait for the answer to what it is about. */
const FIRST_MS = 5;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;

/**
 * Hands the outbox to the bus in order, at least once; the bus drops what it has by event id. A bus that is away
 * costs nothing but time: events stay in the kernel's own store until they are acknowledged.
 */
export const createOutboxRelay = (
  store: Store,
  publish: PublishEvents,
  clock: Clock,
  log: Logger,
  gatherMs = GATHER_MS,
): OutboxRelay => {
  const stopping = new AbortController();
  let wanted = true;
  let waiting = false;
  let wake = (): void => {};
  let retryMs = FIRST_RETRY_MS;
  let drainedMs = Number.NEGATIVE_INFINITY;
  const next = pendingEvents(BATCH);

  const drain = async (): Promise<void> => {
    for (;;) {
      const found = await store.read<PendingEvent>(next.sql, next.params);
      const rows = takeBytes(found);
      if (rows.length === 0 || stopping.signal.aborted) return;
      await publish(rows.map((row) => JSON.parse(row.body) as Event));
      const seqs = rows.map((row) => row.seq);
      await store.write([store.shared ? ackExactly(seqs) : ackEvents(seqs.at(-1)!)]);
      retryMs = FIRST_RETRY_MS;
      // What came meanwhile is gathered too.
      if (found.length < BATCH && rows.length === found.length) return;
    }
  };

  const gather = async (): Promise<void> => {
    const restMs = isYoungerThan(clock, drainedMs, gatherMs)
      ? drainedMs + gatherMs - clock.now()
      : 0;
    const waitMs = Math.min(gatherMs, Math.max(restMs, FIRST_MS));
    if (waitMs > 0) await clock.sleep(waitMs, stopping.signal);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      waiting = !wanted;
      if (waiting) await new Promise<void>((resolve) => (wake = resolve));
      waiting = false;
      await gather();
      wanted = false;
      try {
        await drain();
        drainedMs = clock.now();
      } catch (error) {
        if (stopping.signal.aborted) return;
        const expected = isHoldfastError(error) && error.row.retry === 'later';
        if (!expected) log.error({ err: error }, 'relaying events failed');
        wanted = true;
        await clock.sleep(retryMs, stopping.signal);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  };
  const running = loop();

  return {
    kick() {
      wanted = true;
      wake();
    },
    async lag() {
      const [row] = await store.read<{ count: number }>('SELECT COUNT(*) AS count FROM outbox');
      return row?.count ?? 0;
    },
    isIdle: () => waiting && !wanted,
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
};
