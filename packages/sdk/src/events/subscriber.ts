import type { Client } from '@holdfast/client';
import { isHoldfastError, type BusEvent, type busApi } from '@holdfast/contracts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log/logger.ts';

export interface SubscriberOptions {
  readonly name: string;
  readonly types: readonly string[];
  readonly bus: Client<typeof busApi>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  onEvent(event: BusEvent): Promise<void>;
}

const WAIT_MS = 20_000;
const RETRY_MS = 500;

/** Follows a durable subscription until the signal aborts. An event is acknowledged after `onEvent` resolved. */
export const followSubscription = async (options: SubscriberOptions): Promise<void> => {
  const { bus, name, clock, log, signal } = options;
  while (!signal.aborted) {
    try {
      const request = { name, types: [...options.types], limit: 100, wait_ms: WAIT_MS };
      const { events } = await bus.fetchEvents(request, { signal, timeoutMs: WAIT_MS + 10_000 });
      for (const event of events) {
        await options.onEvent(event);
        await bus.ackEvents({ name, seqs: [event.seq] }, { signal });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isHoldfastError(error) || error.row.retry === 'never')
        log.error({ err: error, subscription: name }, 'handling an event failed');
      await clock.sleep(RETRY_MS, signal);
    }
  }
};
