/** Time as a dependency, so that tests can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** RFC 3339 UTC. */
  iso(): string;
  /** Resolves after `ms`, or at once (without error) when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    // Others get their turn, and no timer is needed for it.
    if (ms <= 0) return void setImmediate(resolve);
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });

/** Whether something of a time (ms since the epoch) is younger than `ms`; what a clock set back puts into the future is not. */
export const isYoungerThan = (clock: Pick<Clock, 'now'>, sinceMs: number, ms: number): boolean => {
  const age = clock.now() - sinceMs;
  return age >= 0 && age < ms;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  iso: () => new Date().toISOString(),
  sleep,
};
