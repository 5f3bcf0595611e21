import { setTimeout as delay } from 'node:timers/promises';
import type { GuardianLog } from '../logs/guardian-log.ts';
import type { QueuedEvent } from './journal-entry.ts';
import type { Journal } from './journal.ts';
import { postEvents, type BusAddress, type PostResult } from './post-events.ts';

export interface EventRelay {
  /** Ends what is on its way; what the bus has not acknowledged is published after the next start. */
  stop(): Promise<void>;
}

interface Options {
  readonly journal: Journal;
  readonly log: GuardianLog;
  readonly secret: string;
  /** Where the bus answers now; undefined when it has no port. */
  busPort(): number | undefined;
  readonly post?: (bus: BusAddress, events: readonly QueuedEvent['event'][]) => Promise<PostResult>;
}

const BATCH = 100;
const BATCH_BYTES = 256 * 1024;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Hands the events of the journal to the bus in order, at least once; the bus drops what it has by event id. An event
 * is sent only when it is on disk here. One that the bus refuses for good is given up, so that it holds up no other.
 */
export const createEventRelay = (options: Options): EventRelay => {
  const { journal, log, post = postEvents } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let wake = (): void => {};
  let retryMs = FIRST_RETRY_MS;

  const send = async (batch: readonly QueuedEvent[]): Promise<PostResult> => {
    const port = options.busPort();
    if (port === undefined) return 'away';
    const events = batch.map((one) => one.event);
    return post({ port, secret: options.secret, signal }, events);
  };
  /** One by one, to find out which of them it is that the bus refuses. */
  const sendSingly = async (batch: readonly QueuedEvent[]): Promise<PostResult> => {
    for (const one of batch) {
      const result = await send([one]);
      if (result === 'away') return 'away';
      journal.acked(one.n, result === 'refused' ? 1 : 0);
      const { id, type } = one.event;
      if (result === 'refused') log.error('the bus refuses an event', { id, type });
    }
    return 'stored';
  };
  const drain = async (): Promise<PostResult> => {
    for (;;) {
      const batch = journal.unpublished(BATCH, BATCH_BYTES);
      const last = batch.at(-1);
      if (last === undefined || signal.aborted) return 'stored';
      let result = await send(batch);
      if (result === 'refused') result = await sendSingly(batch);
      else if (result === 'stored') journal.acked(last.n);
      if (result === 'away') return 'away';
      retryMs = FIRST_RETRY_MS;
    }
  };
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      if ((await drain()) === 'stored') {
        await woken;
        continue;
      }
      await delay(retryMs, undefined, { signal, ref: false }).catch(() => {});
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  };
  journal.onDurable(() => wake());
  const running = loop();
  return {
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
};
