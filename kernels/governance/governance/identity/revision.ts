import type { Statement } from '@holdfast/store';
import { createWaiters } from '../waiters.ts';
import type { IdentityContext } from './identity-parts.ts';

/** The number that grows with every change of who may call. Those who remember such answers wait for the next one. */
export interface Revision {
  /** Goes into the same write as a change. */
  readonly bump: Statement;
  /**
   * Wakes those who wait, after the write. Resolves when all of them came back to wait for the next one, by which they
   * have forgotten what they knew, or did not within a second.
   */
  announce(): Promise<void>;
  /** The number now, or the first one above `after` when that comes within `waitMs`. */
  read(after: number, waitMs: number, signal: AbortSignal): Promise<number>;
}

const KEY = 'revision';
const COME_BACK_MS = 1_000;

export const createRevision = ({ store, clock }: IdentityContext): Revision => {
  const waiters = createWaiters();
  const allBack = createWaiters();
  let announcements = 0;
  let waiting = 0;
  /** How many of those who wait were answered and did not come back yet. */
  let away = 0;

  const now = async (): Promise<number> => {
    const [row] = await store.read<{ revision: number }>(
      'SELECT revision FROM identity_revision WHERE id = 1',
    );
    return row!.revision;
  };

  const setAway = (count: number): void => {
    away = Math.max(0, count);
    if (away === 0) allBack.wake(KEY);
  };

  /** Resolves when woken, when the time is over or when the signal aborts. */
  const pause = async (woken: Promise<void>, ms: number, signal?: AbortSignal): Promise<void> => {
    const enough = new AbortController();
    const both = signal === undefined ? enough.signal : AbortSignal.any([signal, enough.signal]);
    await Promise.race([woken, clock.sleep(ms, both)]);
    enough.abort();
  };

  return {
    bump: { sql: 'UPDATE identity_revision SET revision = revision + 1 WHERE id = 1', expect: 1 },
    async announce() {
      announcements += 1;
      away += waiting;
      waiting = 0;
      waiters.wake(KEY);
      if (away === 0) return;
      const { woken, cancel } = allBack.next(KEY);
      const mine = announcements;
      await pause(woken, COME_BACK_MS);
      cancel();
      // Whoever is not back by now is not waited for again.
      if (mine === announcements) setAway(0);
    },
    async read(after, waitMs, signal) {
      for (;;) {
        const seen = announcements;
        const revision = await now();
        if (waitMs === 0 || revision > after) return revision;
        // Announced while it was read: looked at again, so that nothing is missed.
        if (announcements !== seen) continue;
        waiting += 1;
        setAway(away - 1);
        const { woken, cancel } = waiters.next(KEY);
        await pause(woken, waitMs, signal);
        cancel();
        const wasTold = announcements !== seen;
        if (!wasTold) waiting -= 1;
        if (!wasTold && !signal.aborted) away += 1;
        return now();
      }
    },
  };
};
