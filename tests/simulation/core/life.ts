import type { Clock } from '@holdfast/sdk';
import type { Draws, Site } from './draws.ts';
import type { Owner, Scheduler } from './scheduler.ts';

/** How rough a history is: probabilities for each operation, except where it says otherwise. */
export interface Weather {
  readonly crash: number;
  readonly pause: number;
  readonly lose: number;
  readonly duplicate: number;
  readonly delay: number;
  readonly slowDisk: number;
  readonly failDisk: number;
  /** Failures leave it open whether the write was made. */
  readonly unknownDisk: number;
}

/**
 * One start of a process until its end. Everything that it does goes through `io`: each is a place where it may be
 * paused or end. After its end nothing of it is answered any more, so that its continuations stay where they are.
 */
export interface Life extends Owner {
  alive: boolean;
  pausedUntil: number;
  /** Counts one operation; false when there is nobody left to answer it to. */
  beforeIo(latencyMs: number): boolean;
  /** Answers after the latency with what `effect` gives then. */
  io<T>(label: string, latencyMs: number, effect: () => T): Promise<T>;
  /** What is to be done when it ends; answers how to forget that. */
  onEnd(run: () => void): () => void;
  end(): void;
  readonly clock: Clock;
}

export interface LifeOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly draws: Draws;
  readonly weather: Weather;
  /** The longest that it is paused, in milliseconds; 0: never. */
  readonly longestPauseMs: number;
  readonly clockAheadMs?: number;
  /** False: it is never struck by a crash. */
  readonly mortal: boolean;
}

export const never = <T>(): Promise<T> => new Promise<T>(() => {});

let lastMs = NaN;
let lastIso = '';
/** Most moments are asked for several times. */
const isoOf = (ms: number): string => {
  if (ms !== lastMs) lastIso = new Date(ms).toISOString();
  lastMs = ms;
  return lastIso;
};

const createLifeClock = (life: Life, scheduler: Scheduler, aheadMs: number): Clock => ({
  now: () => Math.floor(scheduler.now() + aheadMs),
  iso: () => isoOf(Math.floor(scheduler.now() + aheadMs)),
  sleep(ms, signal) {
    if (!life.beforeIo(0)) return never();
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = scheduler.after(Math.max(0, ms), life, 'sleep', () => {
        signal?.removeEventListener('abort', cut);
        resolve();
      });
      const cut = (): void => {
        timer.cancel();
        resolve();
      };
      signal?.addEventListener('abort', cut, { once: true });
    });
  },
});

export const createLife = (options: LifeOptions): Life => {
  const { name, scheduler, draws, weather, longestPauseMs, clockAheadMs = 0, mortal } = options;
  const crashes: Site = draws.site(`crash ${name}`);
  const pauses: Site = draws.site(`pause ${name}`);
  const ends = new Set<() => void>();
  const life: Life = {
    name,
    alive: true,
    pausedUntil: 0,
    beforeIo(latencyMs) {
      if (!life.alive) return false;
      if (mortal && crashes.strike(weather.crash)) {
        const when = crashes.draw() * 3 - 1;
        if (when <= 0) life.end();
        else scheduler.after(when * latencyMs, life, 'crash', () => life.end());
      } else if (longestPauseMs > 0 && pauses.strike(weather.pause))
        life.pausedUntil = scheduler.now() + pauses.draw() ** 2 * longestPauseMs;
      return life.alive;
    },
    io(label, latencyMs, effect) {
      if (!life.beforeIo(latencyMs)) return never();
      return new Promise((resolve, reject) => {
        scheduler.after(latencyMs, life, label, () => {
          try {
            resolve(effect());
          } catch (error) {
            reject(error as Error);
          }
        });
      });
    },
    onEnd(run) {
      ends.add(run);
      return () => ends.delete(run);
    },
    end() {
      if (!life.alive) return;
      life.alive = false;
      for (const run of ends) run();
    },
    clock: undefined as never,
  };
  return Object.assign(life, { clock: createLifeClock(life, scheduler, clockAheadMs) });
};
