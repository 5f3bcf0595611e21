import { createHash } from 'node:crypto';
import type { Client } from '@holdfast/client';
import { isHoldfastError, type BusEvent, type Event, type logApi } from '@holdfast/contracts';
import type { Clock, Logger } from '@holdfast/sdk';
import type { Store } from '@holdfast/store';
import type { EventStore } from './event-store.ts';
import type { Bell } from './signal-bell.ts';

const NAME = 'ledger-relay';
const BATCH = 200;
/** Well below what the ledger takes in one request, however large single events are. */
const BATCH_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 250;
const IDLE_MS = 30_000;

export interface LedgerRelay {
  run(): Promise<void>;
  /** Position up to which the ledger has acknowledged. */
  position(): number;
  /** Since when copying fails, in milliseconds since the epoch; undefined while it works. */
  failingSince(): number | undefined;
}

export interface RelayParts {
  readonly events: EventStore;
  readonly store: Store;
  readonly ledger: Client<typeof logApi>;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called with a signed checkpoint that covers everything copied so far. */
  keepWitness(note: string): Promise<void>;
}

/** As many events from the front as fit, at least one. */
const takeBytes = (batch: readonly BusEvent[]): BusEvent[] => {
  let bytes = 0;
  return batch.filter(({ event }, index) => {
    bytes += Buffer.byteLength(JSON.stringify(event));
    return index === 0 || bytes <= BATCH_BYTES;
  });
};

/** What stands in the ledger for an event that it can never take: that it was there, its digest, and why. */
const tombstone = (event: Event, reason: string): Event => ({
  specversion: '1.0',
  id: event.id,
  source: event.source.toWellFormed(),
  type: 'ledger.entry.refused',
  time: event.time,
  datacontenttype: 'application/json',
  priority: event.priority,
  actor: event.actor.toWellFormed(),
  data: {
    type: event.type.toWellFormed(),
    sha256: createHash('sha256').update(JSON.stringify(event)).digest('hex'),
    reason: reason.slice(0, 500).toWellFormed(),
  },
});

/**
 * Copies every event to the ledger in bus order, at least once; the ledger keeps one entry for an event id. The cursor
 * is kept after the acknowledgement, so a crash between the two repeats a batch and changes nothing. An event that the
 * ledger refuses for good does not hold up those behind it: a tombstone takes its place.
 */
export const createLedgerRelay = (parts: RelayParts): LedgerRelay => {
  const { events, store, ledger, bell, clock, log, signal } = parts;
  let position = 0;
  let failingSince: number | undefined;

  const load = async (): Promise<void> => {
    const [row] = await store.read<{ seq: number }>(
      'SELECT seq FROM cursors WHERE subscription = ? AND priority = 0',
      [NAME],
    );
    position = row?.seq ?? 0;
  };
  const save = async (seq: number): Promise<void> => {
    await store.write([
      {
        sql: `INSERT INTO cursors (subscription, priority, seq) VALUES (?, 0, ?)
          ON CONFLICT (subscription, priority) DO UPDATE SET seq = excluded.seq`,
        params: [NAME, seq],
      },
    ]);
    position = seq;
  };

  const append = async (batch: readonly Event[]): Promise<string> =>
    (await ledger.appendEntries({ events: [...batch] }, { signal })).note;

  /** Looks for what the ledger refuses by halves. */
  const appendAround = async (batch: readonly Event[]): Promise<string> => {
    try {
      return await append(batch);
    } catch (error) {
      if (!isHoldfastError(error) || error.row.retry === 'later') throw error;
      const [first] = batch;
      if (batch.length === 1 && first) {
        log.error({ err: error, event: first.id }, 'the ledger refuses an event for good');
        return append([tombstone(first, error.message)]);
      }
      const half = Math.ceil(batch.length / 2);
      await appendAround(batch.slice(0, half));
      return appendAround(batch.slice(half));
    }
  };

  const copy = async (): Promise<boolean> => {
    const batch = takeBytes(await events.list({ after: position, limit: BATCH }));
    const last = batch.at(-1);
    if (!last) return false;
    const note = await appendAround(batch.map((item) => item.event));
    await save(last.seq);
    await parts.keepWitness(note);
    return true;
  };

  return {
    position: () => position,
    failingSince: () => failingSince,
    async run() {
      await load();
      while (!signal.aborted) {
        try {
          const copied = await copy();
          failingSince = undefined;
          if (!copied) await bell.wait(IDLE_MS, signal);
        } catch (error) {
          if (signal.aborted) return;
          failingSince ??= clock.now();
          if (!isHoldfastError(error))
            log.error({ err: error }, 'copying events to the ledger failed');
          await clock.sleep(RETRY_MS, signal);
        }
      }
    },
  };
};
