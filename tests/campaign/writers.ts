import { randomUUID } from 'node:crypto';
import { isHoldfastError, type Change, type LedgerEntry } from '@holdfast/contracts';
import type { Stack } from '../harness/stack.ts';

/** Callers that write through public operations and remember what was acknowledged. */
export interface Writers {
  readonly acknowledged: () => number;
  /** Ends them after the writes that run; each write goes on until it is acknowledged. */
  stop(): Promise<void>;
  /** What was acknowledged and is not there any more, or is there twice. */
  lost(): Promise<string[]>;
}

const PAUSE_MS = 60;
const RETRY_MS = 150;
const MOST_HOSTS = 300;
const WRITERS = 2;
const HOST_EVERY = 10;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const allPages = async <T>(
  page: (cursor?: string) => Promise<{ items: T[]; next_cursor: string | null }>,
): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | undefined; ;) {
    const answer = await page(cursor);
    items.push(...answer.items);
    if (answer.next_cursor === null) return items;
    cursor = answer.next_cursor;
  }
};

export const startWriters = (stack: Stack): Writers => {
  /** By idempotency key: the change that was acknowledged for it. */
  const changes = new Map<string, string>();
  const hosts = new Set<string>();
  const told: string[] = [];
  let stopped = false;

  /** As a careful caller does it: the same key until there is an answer. */
  const insist = async <T>(write: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (isHoldfastError(error) && error.row.retry === 'never') throw error;
        await sleep(RETRY_MS);
      }
    }
  };

  const proposeOne = async (): Promise<void> => {
    const idempotencyKey = randomUUID();
    const input = { kind: 'packages.repair', target: { host: 'local' } } as const;
    const { id } = await insist(() => stack.governance.proposeChange(input, { idempotencyKey }));
    changes.set(idempotencyKey, id);
  };
  const registerOne = async (): Promise<void> => {
    if (hosts.size >= MOST_HOSTS) return;
    const idempotencyKey = randomUUID();
    const hostname = `campaign-${idempotencyKey}`;
    const input = { hostname, os_type: 'linux' } as const;
    await insist(() => stack.infrastructure.registerHost(input, { idempotencyKey }));
    hosts.add(hostname);
  };

  const writer = async (): Promise<void> => {
    for (let turn = 0; !stopped; turn += 1) {
      try {
        await (turn % HOST_EVERY === 0 ? registerOne() : proposeOne());
      } catch (error) {
        told.push(`a write was refused for good: ${(error as Error).message}`);
      }
      await sleep(PAUSE_MS);
    }
  };
  const running = Array.from({ length: WRITERS }, writer);

  const readLedger = (): Promise<LedgerEntry[]> =>
    allPages<LedgerEntry>((cursor) =>
      stack.log.listEntries({
        limit: 1000,
        type: 'change.proposed',
        ...(cursor ? { cursor } : {}),
      }),
    );
  /** The ledger gets its events after the acknowledgement; they are all there when it no longer grows. */
  const settledLedger = async (): Promise<LedgerEntry[]> => {
    for (let before = -1; ;) {
      const entries = await readLedger();
      if (entries.length === before && entries.length >= changes.size) return entries;
      if (entries.length === before) return entries;
      before = entries.length;
      await sleep(2_000);
    }
  };

  return {
    acknowledged: () => changes.size + hosts.size,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
    async lost() {
      const found = [...told];
      const stored = new Set(
        (
          await allPages<Change>((cursor) =>
            stack.governance.listChanges({ limit: 500, ...(cursor ? { cursor } : {}) }),
          )
        ).map((change) => change.id),
      );
      const ids = [...changes.values()];
      if (new Set(ids).size !== ids.length) found.push('two keys were answered with one change');
      for (const id of ids)
        if (!stored.has(id)) found.push(`change ${id} was acknowledged and is lost`);

      const names = new Set(
        (
          await allPages((cursor) =>
            stack.infrastructure.listHosts({ limit: 500, ...(cursor ? { cursor } : {}) }),
          )
        ).map((host) => host.hostname),
      );
      for (const name of hosts)
        if (!names.has(name)) found.push(`host ${name} was acknowledged and is lost`);

      const proposed = new Map<string, number>();
      for (const entry of await settledLedger()) {
        const id = entry.event.correlationid ?? '';
        proposed.set(id, (proposed.get(id) ?? 0) + 1);
      }
      for (const id of ids)
        if (proposed.get(id) !== 1)
          found.push(`change ${id} was proposed ${proposed.get(id) ?? 0} times by the ledger`);
      const freeze = await stack.governance.getFreeze({});
      if (!freeze.on) found.push('the kill switch was acknowledged and is off');
      return found;
    },
  };
};
