import type { Client } from '@holdfast/client';
import { isHoldfastError, type logApi } from '@holdfast/contracts';
import type { Clock, Logger } from '@holdfast/sdk';
import type { Store } from '@holdfast/store';
import type { EventStore } from './event-store.ts';
import type { Bell } from './signal-bell.ts';

const NAME = 'ledger-relay';
const BATCH = 500;
const RETRY_MS = 250;
const IDLE_MS = 30_000;

export interface LedgerRelay {
  run(): Promise<void>;
  /** Position up to which the ledger has acknowledged. */
  position(): number;
}

/**
 * Copies every event to the ledger in bus order, at least once; the ledger keeps one entry for an event id. The cursor
 * is kept after the acknowledgement, so a crash between the two repeats a batch and changes nothing.
 */
export const createLedgerRelay = (parts: {
  events: EventStore;
  store: Store;
  ledger: Client<typeof logApi>;
  bell: Bell;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
}): LedgerRelay => {
  const { events, store, ledger, bell, clock, log, signal } = parts;
  let position = 0;

  const load = async (): Promise<void> => {
    const [row] = await store.read<{ seq: number }>(
      'SELECT seq FROM cursors WHERE subscription = ? AND priority = 0',
      [NAME],
    );
    position = row?.seq ?? 0;
  };
  const save = (seq: number): Promise<unknown> =>
    store.write([
      {
        sql: `INSERT INTO cursors (subscription, priority, seq) VALUES (?, 0, ?)
          ON CONFLICT (subscription, priority) DO UPDATE SET seq = excluded.seq`,
        params: [NAME, seq],
      },
    ]);
  const copy = async (): Promise<boolean> => {
    const batch = await events.list({ after: position, limit: BATCH });
    if (batch.length === 0) return false;
    await ledger.appendEntries({ events: batch.map((item) => item.event) }, { signal });
    const last = batch.at(-1)!.seq;
    await save(last);
    position = last;
    return true;
  };

  return {
    position: () => position,
    async run() {
      await load();
      while (!signal.aborted) {
        try {
          if (!(await copy())) await bell.wait(IDLE_MS, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (!isHoldfastError(error) || error.row.retry === 'never')
            log.error({ err: error }, 'copying events to the ledger failed');
          await clock.sleep(RETRY_MS, signal);
        }
      }
    },
  };
};
