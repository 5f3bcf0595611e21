import { HoldfastError, busApi, logApi, type BusEvent } from '@holdfast/contracts';
import { defineKernel } from '@holdfast/sdk';
import * as z from 'zod';
import { createEventStore } from './event-store.ts';
import { streamEvents } from './event-stream.ts';
import { createLedgerRelay } from './ledger-relay.ts';
import { busMigrations } from './migrations.ts';
import { createBell } from './signal-bell.ts';
import { createWitnessFile } from './witness-file.ts';
import { createSubscriptions } from './subscriptions.ts';

/** The ledger may be away for this long (a restart takes a second) before the bus calls itself ill. */
const LEDGER_GRACE_MS = 60_000;

const cursorOf = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (!/^\d{1,15}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

export const messageBus = defineKernel({
  id: 'message_bus',
  api: busApi,
  config: { schema: z.strictObject({}), fromProfile: () => ({}) },
  needs: { ledger: logApi },
  subscribes: [],
  migrations: busMigrations,
  async init({ store, needs, clock, log, signal, home }) {
    const events = createEventStore(store);
    const subscriptions = createSubscriptions(store);
    const bell = createBell();
    const relay = createLedgerRelay({
      events,
      store,
      ledger: needs.ledger,
      bell,
      clock,
      log,
      signal,
      keepWitness: createWitnessFile(home),
    });
    let relaying: Promise<void> = Promise.resolve();
    let lastSeq = await events.lastSeq();

    const fetchSome = async (
      name: string,
      types: readonly string[],
      limit: number,
      waitMs: number,
      stop: AbortSignal,
    ): Promise<BusEvent[]> => {
      const deadline = clock.now() + waitMs;
      for (;;) {
        const rung = bell.wait(deadline - clock.now(), stop);
        const found = await subscriptions.fetch(name, types, limit);
        if (found.length > 0 || stop.aborted || clock.now() >= deadline) return found;
        await rung;
      }
    };

    return {
      handlers: {
        async publishEvents(input) {
          const result = await events.append(input.events);
          lastSeq = result.lastSeq;
          if (result.accepted > 0) bell.ring();
          return {
            accepted: result.accepted,
            duplicates: result.duplicates,
            last_seq: result.lastSeq,
          };
        },
        async listEvents({ limit, cursor, type, correlation }) {
          const items = await events.list({ after: cursorOf(cursor), limit, type, correlation });
          const total = await events.count({ type, correlation });
          return {
            items,
            total,
            next_cursor: items.length < limit ? null : String(items.at(-1)!.seq),
          };
        },
        streamEvents: (input, call) => streamEvents({ events, bell }, input, call),
        async fetchEvents({ name, types, limit, wait_ms }, call) {
          return { events: await fetchSome(name, types, limit, wait_ms, call.signal) };
        },
        async ackEvents({ name, seqs }) {
          await subscriptions.ack(name, seqs);
          return { pending: await subscriptions.pending(name) };
        },
      },
      start() {
        relaying = relay.run();
      },
      async health() {
        const since = relay.failingSince();
        const behind = `${lastSeq - relay.position()} positions behind`;
        const ok = since === undefined || clock.now() - since < LEDGER_GRACE_MS;
        const detail = since === undefined ? behind : `${behind}, failing`;
        return [{ name: 'ledger_relay', ok, detail }];
      },
      metrics: () => ['# TYPE holdfast_bus_last_seq gauge', `holdfast_bus_last_seq ${lastSeq}`],
      async stop() {
        bell.ring();
        await relaying;
      },
    };
  },
});
