import type { ObserveIngest } from '@holdfast/telemetry';
import type { IterationOutcome } from '../loop/iteration-outcome.ts';

/** What a session of iterations came to. Counts are of actions for the first three, of iterations for the rest. */
export interface Rollup {
  iterations_done: number;
  last_iteration_out_dir: string | null;
  proposed_total: number;
  applied_total: number;
  blocked_total: number;
  verify_failed_total: number;
  apply_attempted_total: number;
  apply_ok_total: number;
  apply_failed_total: number;
  /** Applies that were taken back, and those that should have been and were not. */
  reverted_total: number;
  revert_failed_total: number;
  dry_run_total: number;
  observe_ingest: ObserveIngest | null;
  observe_record_raw_path: string | null;
  observe_record_raw_lines_written: number;
}

export const emptyRollup = (): Rollup => ({
  iterations_done: 0,
  last_iteration_out_dir: null,
  proposed_total: 0,
  applied_total: 0,
  blocked_total: 0,
  verify_failed_total: 0,
  apply_attempted_total: 0,
  apply_ok_total: 0,
  apply_failed_total: 0,
  reverted_total: 0,
  revert_failed_total: 0,
  dry_run_total: 0,
  observe_ingest: null,
  observe_record_raw_path: null,
  observe_record_raw_lines_written: 0,
});

const sumIngest = (
  before: ObserveIngest | null,
  more: ObserveIngest | undefined,
): ObserveIngest | null => {
  if (more === undefined || before === null) return more ?? before;
  return {
    rows_read: before.rows_read + more.rows_read,
    dropped_total: before.dropped_total + more.dropped_total,
    dropped_invalid_json: before.dropped_invalid_json + more.dropped_invalid_json,
    dropped_invalid_shape: before.dropped_invalid_shape + more.dropped_invalid_shape,
    dropped_missing_fields: before.dropped_missing_fields + more.dropped_missing_fields,
  };
};

/** The roll-up with one more iteration. */
export const addIteration = (before: Rollup, one: IterationOutcome): Rollup => {
  const { applyAttempted, applyOk, record } = one;
  return {
    iterations_done: before.iterations_done + 1,
    last_iteration_out_dir: one.outDir,
    proposed_total: before.proposed_total + one.proposed,
    applied_total: before.applied_total + one.applied,
    blocked_total: before.blocked_total + one.blocked,
    verify_failed_total: before.verify_failed_total + (one.verifyOk === false ? 1 : 0),
    apply_attempted_total: before.apply_attempted_total + (applyAttempted ? 1 : 0),
    apply_ok_total: before.apply_ok_total + (applyOk === true ? 1 : 0),
    apply_failed_total: before.apply_failed_total + (applyOk === false ? 1 : 0),
    reverted_total: before.reverted_total + (one.revert?.ok === true ? 1 : 0),
    revert_failed_total: before.revert_failed_total + (one.revert?.ok === false ? 1 : 0),
    dry_run_total: before.dry_run_total + (one.applyRequested ? 0 : 1),
    observe_ingest: sumIngest(before.observe_ingest, one.ingest),
    observe_record_raw_path: record?.path ?? before.observe_record_raw_path,
    observe_record_raw_lines_written:
      before.observe_record_raw_lines_written + (record?.lines_written ?? 0),
  };
};

/** Whether an apply failed, or did not last. */
export const hasFailed = (rollup: Rollup): boolean =>
  rollup.apply_failed_total + rollup.reverted_total + rollup.revert_failed_total > 0;
