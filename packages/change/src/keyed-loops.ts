import { backoffMs } from './retry.ts';

/** What one turn of a loop says: finished for now, or look again later (or when kicked). */
export type Turn = 'done' | { readonly wait_ms: number };

export interface LoopPorts {
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Ends all loops. */
  readonly signal: AbortSignal;
  /** A turn threw; it is tried again with back-off. */
  onError(key: string, error: unknown): void;
}

/** One loop for each key, never two at once for the same. */
export interface KeyedLoops {
  /** Starts the loop of a key, or makes it look again now. Never waits. */
  kick(key: string): void;
  /** Starts the loop of a key that has none; one that rests goes on resting. Never waits. */
  ensure(key: string): void;
  /** Resolves when no loop runs any more; the signal has to be aborted. */
  ended(): Promise<void>;
}

/** Longer rests are cut: timers overflow at 2^31 ms, and to look once an hour costs nothing. */
const LONGEST_MS = 3_600_000;

interface Loop {
  kicked: boolean;
  rest: AbortController;
  running: Promise<void>;
}

/**
 * Drives many durable things forward, each by calling `turn` until it says `done`. A turn has to be repeatable: it is
 * called again after it threw, after a kick and after a restart. When the signal aborts, turns in progress are left
 * where they are: what they had made durable is found by the next start.
 */
export const createKeyedLoops = (
  ports: LoopPorts,
  turn: (key: string) => Promise<Turn>,
): KeyedLoops => {
  const { signal } = ports;
  const loops = new Map<string, Loop>();
  const stops = new Set<() => void>();
  signal.addEventListener('abort', () => {
    for (const stop of stops) stop();
    for (const loop of loops.values()) loop.rest.abort('stopped');
  });

  /** A race against one promise of all turns would keep something of each turn for as long as the process lives. */
  const orStopped = (turning: Promise<Turn>): Promise<Turn | 'stopped'> =>
    new Promise((resolve, reject) => {
      const stop = (): void => resolve('stopped');
      stops.add(stop);
      const forget = (): boolean => stops.delete(stop);
      turning.then(resolve, reject).then(forget, forget);
    });

  const run = async (key: string, loop: Loop): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      loop.kicked = false;
      let waitMs: number;
      try {
        const outcome = await orStopped(turn(key));
        if (outcome === 'stopped') break;
        failures = 0;
        if (outcome === 'done') {
          if (loop.kicked) continue;
          break;
        }
        waitMs = outcome.wait_ms;
      } catch (error) {
        if (signal.aborted) break;
        ports.onError(key, error);
        failures += 1;
        waitMs = backoffMs(failures);
      }
      if (loop.kicked) continue;
      loop.rest = new AbortController();
      await ports.sleep(Math.min(waitMs, LONGEST_MS), loop.rest.signal);
    }
    loops.delete(key);
  };

  const ensure = (key: string): void => {
    if (signal.aborted || loops.has(key)) return;
    const loop: Loop = {
      kicked: false,
      rest: new AbortController(),
      running: Promise.resolve(),
    };
    loops.set(key, loop);
    loop.running = run(key, loop);
  };

  return {
    ensure,
    kick(key) {
      const known = loops.get(key);
      if (!known) return ensure(key);
      known.kicked = true;
      // Without a reason each abort makes an error with a stack that nobody looks at.
      known.rest.abort('kicked');
    },
    async ended() {
      await Promise.all([...loops.values()].map((loop) => loop.running));
    },
  };
};
