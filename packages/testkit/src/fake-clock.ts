import type { Clock } from '@holdfast/sdk';

export interface FakeClock extends Clock {
  /** Moves time on and wakes every sleeper that is due, in order of their time. */
  advance(ms: number): Promise<void>;
  /** How many sleepers wait. */
  sleepers(): number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A clock that stands still until a test moves it. */
export const createFakeClock = (start = Date.parse('2026-01-01T00:00:00Z')): FakeClock => {
  let now = start;
  let sleepers: Sleeper[] = [];
  const clock: FakeClock = {
    now: () => now,
    iso: () => new Date(now).toISOString(),
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve();
        const wake = (): void => {
          signal?.removeEventListener('abort', cut);
          resolve();
        };
        const sleeper: Sleeper = { at: now + ms, wake };
        const cut = (): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          wake();
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', cut);
      });
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await settle();
        const next = sleepers
          .filter((sleeper) => sleeper.at <= end)
          .toSorted((a, b) => a.at - b.at)[0];
        if (!next) break;
        now = Math.max(now, next.at);
        sleepers = sleepers.filter((sleeper) => sleeper !== next);
        next.wake();
      }
      now = end;
      await settle();
    },
    sleepers: () => sleepers.length,
  };
  return clock;
};
