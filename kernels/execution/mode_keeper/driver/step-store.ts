import type { StepResult } from '@holdfast/contracts';
import type { Clock, FenceGuard } from '@holdfast/sdk';
import type { Statement, Store } from '@holdfast/store';

/** A step as it was ordered first. `action` is canonical JSON. */
export interface KnownStep {
  readonly action: string;
  readonly startedMs: number;
  readonly appliedMs: number | undefined;
  readonly result: StepResult | undefined;
}

interface StepRow {
  action: string;
  started_ms: number;
  applied_ms: number | null;
  result: string | null;
}

export interface StepStore {
  find(run: string, step: string): Promise<KnownStep | undefined>;
  /** Starts a step, in one write with its fence. Rejects with STORE_CONSTRAINT where it is known, WRITE_CONFLICT if fenced. */
  start(order: StepKey & { readonly action: string; readonly fence: number }): Promise<void>;
  /** From now on its patch is known to be in the cluster. */
  applied(step: StepKey): Promise<void>;
  finish(step: StepKey, result: StepResult): Promise<void>;
  /** When the last patch of a run reached the cluster; undefined before the first. */
  lastAppliedMs(run: string): Promise<number | undefined>;
}

export interface StepKey {
  readonly run: string;
  readonly step: string;
}

/** Longer than any run may take. */
const KEPT_MS = 400 * 24 * 60 * 60 * 1000;

export const createStepStore = (store: Store, clock: Clock, fences: FenceGuard): StepStore => {
  const write = async (...statements: Statement[]): Promise<void> =>
    void (await store.write(statements));
  return {
    async find(run, step) {
      const [row] = await store.read<StepRow>(
        `SELECT action, started_ms, applied_ms, result FROM tuning_steps
          WHERE run = ? AND step = ?`,
        [run, step],
      );
      return (
        row && {
          action: row.action,
          startedMs: row.started_ms,
          appliedMs: row.applied_ms ?? undefined,
          result: row.result === null ? undefined : (JSON.parse(row.result) as StepResult),
        }
      );
    },
    start: ({ run, step, action, fence }) =>
      write(
        fences.entering(run, fence),
        {
          sql: 'DELETE FROM tuning_steps WHERE result IS NOT NULL AND started_ms < ?',
          params: [clock.now() - KEPT_MS],
        },
        {
          sql: 'INSERT INTO tuning_steps (run, step, action, started_ms) VALUES (?, ?, ?, ?)',
          params: [run, step, action, clock.now()],
        },
      ),
    applied: ({ run, step }) =>
      write({
        sql: `UPDATE tuning_steps SET applied_ms = ?
          WHERE run = ? AND step = ? AND applied_ms IS NULL`,
        params: [clock.now(), run, step],
      }),
    finish: ({ run, step }, result) =>
      write({
        sql: 'UPDATE tuning_steps SET result = ? WHERE run = ? AND step = ? AND result IS NULL',
        params: [JSON.stringify(result), run, step],
      }),
    async lastAppliedMs(run) {
      const [row] = await store.read<{ at: number | null }>(
        'SELECT MAX(applied_ms) AS at FROM tuning_steps WHERE run = ?',
        [run],
      );
      return row?.at ?? undefined;
    },
  };
};
