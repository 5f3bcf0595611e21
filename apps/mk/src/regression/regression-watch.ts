import type { SignalJudgement } from '@holdfast/change';

/** What became of an apply that was watched, or why it was not. */
export interface RegressionWatch {
  /**
   * `off`: a window of no time was asked for; `not_measurable`: the samples do not come from the workload; `stopped`: the
   * session was told to stop within the window. All but the first two and `passed` are taken back.
   */
  readonly state: 'off' | 'not_measurable' | 'passed' | 'failed' | 'stopped';
  readonly reason: string;
  readonly window_s: number;
  /** Samples of the window; null where none were looked for. */
  readonly sample_count: number | null;
  readonly signals: readonly SignalJudgement[];
}

/**
 * How the way back was taken. `reason` is the block reason, `rollback_failed`, `rollback_open` where a stack goes on with it,
 * or null when it was.
 */
export interface Revert {
  readonly ok: boolean;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly rollback_plan_path: string | null;
  readonly report_path: string | null;
}
