import { setImmediate, setTimeout } from 'node:timers/promises';

/** A timer longer than this fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** HUP: the terminal of an apply that is being watched was closed. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts with the first INT, TERM or HUP of this process. `release` gives the signals back. */
export const stopOnSignals = (): { readonly signal: AbortSignal; release(): void } => {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const name of STOPS) process.on(name, stop);
  return {
    signal: controller.signal,
    release() {
      for (const name of STOPS) process.off(name, stop);
    },
  };
};

/** Waits, or less when the signal comes. Always lets signals be seen, even for no time at all. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await setImmediate();
  if (ms <= 0 || signal.aborted) return;
  try {
    await setTimeout(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
