import { HoldfastError } from '@holdfast/contracts';
import type { Migration, Statement, Store } from '@holdfast/store';
import type { Clock } from '../clock.ts';

/** The highest fence that was seen for each run; to be put before the driver's own migrations. */
export const fenceMigration: Migration = {
  version: 5,
  name: 'step_fences',
  sql: [
    `CREATE TABLE step_fences (
      run TEXT NOT NULL PRIMARY KEY,
      fence {bigint} NOT NULL,
      seen_ms {bigint} NOT NULL
    )`,
    'CREATE INDEX step_fences_seen ON step_fences (seen_ms)',
  ],
};

/** Longer than any run may take: its timers may last a year. */
const KEPT_MS = 400 * 24 * 60 * 60 * 1000;
const REMEMBERED = 1_000;

/**
 * Keeps a change driver from obeying an engine whose run was taken over: of each run only the newest fence counts, and
 * what was seen outlives a restart. After M. Kleppmann, "How to do distributed locking" (2016).
 */
export interface FenceGuard {
  /** Resolves once this fence is durably the highest seen for the run. Throws `fenced` for a lower one. */
  check(run: string, fence: number): Promise<void>;
  /**
   * The same as a part of the write that starts a step, put first: a fence that is not the highest refuses the whole
   * write with WRITE_CONFLICT, and `check` then throws `fenced`. So a call that was overtaken on its way starts nothing.
   */
  entering(run: string, fence: number): Statement;
}

const entry = (run: string, fence: number, seenMs: number): Statement => ({
  sql: `INSERT INTO step_fences (run, fence, seen_ms) VALUES (?, ?, ?)
    ON CONFLICT (run) DO UPDATE SET fence = excluded.fence, seen_ms = excluded.seen_ms
    WHERE step_fences.fence <= excluded.fence`,
  params: [run, fence, seenMs],
});

export const createFenceGuard = (store: Store, clock: Clock): FenceGuard => {
  const highest = new Map<string, number>();

  const remember = (run: string, fence: number): void => {
    highest.delete(run);
    highest.set(run, fence);
    const [oldest] = highest.keys();
    if (highest.size > REMEMBERED && oldest !== undefined) highest.delete(oldest);
  };

  /** Writes the fence down where it is the highest and answers what is there then. */
  const raise = async (run: string, fence: number): Promise<number> => {
    const now = clock.now();
    const { rows } = await store.write([
      { sql: 'DELETE FROM step_fences WHERE seen_ms < ?', params: [now - KEPT_MS] },
      entry(run, fence, now),
      { sql: 'SELECT fence FROM step_fences WHERE run = ?', params: [run] },
    ]);
    return rows[2]?.[0]?.['fence'] as number;
  };

  return {
    async check(run, fence) {
      let seen = highest.get(run);
      if (seen === undefined || seen < fence) {
        seen = await raise(run, fence);
        remember(run, Math.max(seen, highest.get(run) ?? 0));
      }
      if (seen > fence) throw new HoldfastError('fenced', { run, fence, seen });
    },
    entering: (run, fence) => ({ ...entry(run, fence, clock.now()), expect: 1 }),
  };
};
