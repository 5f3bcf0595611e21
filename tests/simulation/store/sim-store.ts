import { StoreError, type Statement, type Store, type WriteResult } from '@holdfast/store';
import type { Draws } from '../core/draws.ts';
import { never, type Life, type Weather } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Rows } from './rows.ts';

export interface SimStoreOptions {
  readonly rows: Rows;
  readonly life: Life;
  readonly scheduler: Scheduler;
  readonly draws: Draws;
  readonly weather: Weather;
  /** Other processes have it open too: a write that is under way is made even while this one is paused. */
  readonly shared: boolean;
  /** Called after each write that reached stable storage, acknowledged or not. */
  onWritten(statements: readonly Statement[]): void;
}

interface Pending {
  readonly statements: readonly Statement[];
}

const READ_MS = 0.3;
const WRITE_MS = 3;
const SLOW_MS = 4_000;
const NETWORK_MS = 0.1;

const connectionLost = (): StoreError =>
  new StoreError('STORE_UNKNOWN', 'the simulated connection was lost');

/**
 * A store as one process has it open: writes are made in order and answered when they are on stable storage; a read sees
 * what was answered before. When the process ends, of the writes that were not answered some first ones are there.
 */
export const createSimStore = (options: SimStoreOptions): Store => {
  const { rows, life, scheduler, draws, weather } = options;
  const reads = draws.site(`read ${life.name}`);
  const writes = draws.site(`write ${life.name}`);
  const slow = draws.site(`slow disk ${life.name}`);
  const fails = draws.site(`failing disk ${life.name}`);
  const unknown = draws.site(`lost connection ${life.name}`);
  const torn = draws.site(`torn ${life.name}`);
  const pending: Pending[] = [];
  let lastAt = 0;
  let closed = false;

  const apply = (statements: readonly Statement[]): WriteResult => {
    const result = rows.write(statements);
    options.onWritten(statements);
    return result;
  };

  life.onEnd(() => {
    const kept = torn.below(pending.length + 1);
    for (const { statements } of pending.splice(0).slice(0, kept)) {
      try {
        apply(statements);
      } catch {
        // It was refused, and nobody is there to be told.
      }
    }
  });

  const diskError = (): StoreError | undefined =>
    fails.strike(weather.failDisk)
      ? new StoreError('STORE_IO', 'the simulated disk failed')
      : undefined;

  const latency = (base: number, draw: number): number =>
    base * (0.1 + draw) + (slow.strike(weather.slowDisk) ? slow.draw() * SLOW_MS : 0);

  return {
    engine: 'sqlite',
    shared: options.shared,
    async write(statements) {
      if (closed) throw new StoreError('STORE_CLOSED', 'the store is closed');
      const ms = latency(WRITE_MS, writes.draw());
      if (!life.beforeIo(ms)) return never();
      const write: Pending = { statements };
      pending.push(write);
      lastAt = Math.max(lastAt, scheduler.now() + ms);
      return new Promise((resolve, reject) => {
        const answer = (settle: () => void): void => {
          if (options.shared) scheduler.after(NETWORK_MS, life, 'written', settle);
          else settle();
        };
        const ownerOfWrite = options.shared ? undefined : life;
        scheduler.after(lastAt - scheduler.now(), ownerOfWrite, 'write', () => {
          // What a process left behind when it ended was decided about then.
          if (!pending.includes(write)) return;
          pending.splice(pending.indexOf(write), 1);
          try {
            const failure = diskError();
            if (failure) throw failure;
            const lost = unknown.strike(weather.unknownDisk);
            if (lost && unknown.chance(0.5)) throw connectionLost();
            const result = apply(statements);
            if (lost) throw connectionLost();
            answer(() => resolve(result));
          } catch (error) {
            answer(() => reject(error as StoreError));
          }
        });
      });
    },
    async read<T>(sql: string, params?: Parameters<Store['read']>[1]) {
      if (closed) throw new StoreError('STORE_CLOSED', 'the store is closed');
      return life.io('read', latency(READ_MS, reads.draw()), () => {
        const failure = diskError();
        if (failure) throw failure;
        return rows.read(sql, params) as T[];
      });
    },
    async *scan<T>(sql: string, params?: Parameters<Store['read']>[1], pageSize = 1000) {
      const all = (await this.read(sql, params)) as T[];
      for (let start = 0; start < all.length; start += pageSize)
        yield all.slice(start, start + pageSize);
    },
    close: async () => {
      closed = true;
    },
    stats: () => ({
      engine: 'sqlite',
      batches: 0,
      writes: 0,
      rejected: 0,
      queueDepth: pending.length,
      lastCommitMs: undefined,
      notes: [],
    }),
  };
};
