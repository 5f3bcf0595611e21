import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createClient, type Client, type Transport } from '@holdfast/client';
import {
  HoldfastError,
  librarianApi,
  type BusEvent,
  type Event,
  type Principal,
} from '@holdfast/contracts';
import {
  createIds,
  createKernelHost,
  createLogger,
  dispatch,
  systemClock,
  type KernelDefinition,
  type KernelHost,
} from '@holdfast/sdk';
import { openStore } from '@holdfast/store';
import { testProfile } from '@holdfast/testkit';
import { defineLibrarian } from '../kernel.ts';
import { EVENT_RETENTION, type EventRetention } from '../events/event-indexer.ts';

export interface LibraryOptions {
  readonly home?: string;
  readonly databaseUrl?: string;
  /** Of the database, so that tests on one server do not meet. */
  readonly storeName?: string;
  readonly retention?: EventRetention;
  readonly roots?: readonly string[];
  readonly maxFileBytes?: number;
  readonly maxFiles?: number;
  readonly bus?: FakeBus;
}

/** A durable subscription in memory: an event stays until it is acknowledged. */
export interface FakeBus {
  push(...events: readonly BusEvent[]): void;
  /** Resolves when everything that was pushed is acknowledged. */
  drained(): Promise<void>;
  fetch(signal: AbortSignal): Promise<{ events: BusEvent[] }>;
  ack(seqs: readonly number[]): { pending: number };
}

/** The librarian alone, on a real store of either engine, with its first run behind it. */
export interface LibraryWorld {
  readonly home: string;
  readonly host: KernelHost;
  readonly client: Client<typeof librarianApi>;
  readonly published: Event[];
  readonly bus: FakeBus;
  /** Writes files below `library` in the home. Gives the folder. */
  write(files: Readonly<Record<string, string | Uint8Array>>): string;
  close(options?: { keep?: boolean }): Promise<void>;
}

export const createFakeBus = (): FakeBus => {
  let waiting: BusEvent[] = [];
  let wake: (() => void)[] = [];
  const ring = (): void => {
    const all = wake;
    wake = [];
    for (const one of all) one();
  };
  const change = (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      wake.push(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  return {
    push(...events) {
      waiting.push(...events);
      ring();
    },
    async drained() {
      while (waiting.length > 0) await change();
    },
    async fetch(signal) {
      if (waiting.length === 0) await change(signal);
      return { events: waiting.slice(0, 100) };
    },
    ack(seqs) {
      waiting = waiting.filter(({ seq }) => !seqs.includes(seq));
      ring();
      return { pending: waiting.length };
    },
  };
};

const operator: Principal = { id: 'mira', kind: 'human', role: 'operator' };

export const openLibraryWorld = async (options: LibraryOptions = {}): Promise<LibraryWorld> => {
  const home = options.home ?? realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-library-')));
  const published: Event[] = [];
  const bus = options.bus ?? createFakeBus();
  const profile = testProfile({
    librarian: {
      roots: [...(options.roots ?? ['$HOLDFAST_HOME/library'])],
      max_file_bytes: options.maxFileBytes ?? 1_000_000,
      max_files: options.maxFiles ?? 30_000,
    },
  });
  const busTransport: Transport = async (api, name, _op, input, { signal }) => {
    if (api.kernel !== 'message_bus')
      throw new HoldfastError('kernel_unavailable', { kernel: api.kernel });
    if (name === 'fetchEvents') return bus.fetch(signal ?? new AbortController().signal);
    return bus.ack((input as { seqs: number[] }).seqs);
  };
  const definition = defineLibrarian(options.retention ?? EVENT_RETENTION);
  const host = await createKernelHost(definition as unknown as KernelDefinition, {
    profile,
    home,
    killSwitch: false,
    clock: systemClock,
    ids: createIds(systemClock),
    log: createLogger('librarian_kernel', 'error'),
    transport: busTransport,
    openStore: (migrations) =>
      openStore({
        kernel: options.storeName ?? 'librarian_kernel',
        dir: join(home, 'data'),
        databaseUrl: options.databaseUrl,
        migrations,
      }),
    publish: async (events) => void published.push(...events),
    gatherMs: 0,
  });
  host.serve();
  const client = createClient(librarianApi, async (_api, name, _op, input, call) =>
    dispatch(host, name, structuredClone(input), {
      principal: operator,
      signal: call.signal ?? new AbortController().signal,
      idempotencyKey: call.idempotencyKey,
    }),
  );
  // Runs are done one after the other: this one ends after the one that starts with the kernel.
  await client.reindex({});
  return {
    home,
    host,
    client,
    published,
    bus,
    write(files) {
      const folder = join(home, 'library');
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), content);
      }
      return folder;
    },
    async close({ keep = false } = {}) {
      await host.stop();
      if (!keep) rmSync(home, { recursive: true, force: true });
    },
  };
};
