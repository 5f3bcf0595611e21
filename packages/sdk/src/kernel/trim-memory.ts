import { Session } from 'node:inspector';
import type { Clock } from '../clock.ts';

/** After the rush of the start, and once more after the first work: what is garbage then stays while a process idles. */
const PAUSES_MS = [1_500, 10_000];

/** The session is let go of in a later turn: closing it inside its own answer would halt the process. */
const collect = (): Promise<void> =>
  new Promise((resolve) => {
    const session = new Session();
    session.connect();
    session.post('HeapProfiler.collectGarbage', () =>
      setImmediate(() => {
        session.disconnect();
        resolve();
      }),
    );
  });

/**
 * Gives the memory that the start needed back to the system. V8 does that only under allocation pressure, which an
 * idle kernel never causes; the in-process inspector offers the one call that also shrinks the heap (no port is opened).
 */
export const trimMemoryAfterStart = async (clock: Clock, signal: AbortSignal): Promise<void> => {
  for (const pause of PAUSES_MS) {
    await clock.sleep(pause, signal);
    if (signal.aborted) return;
    await collect();
  }
};
