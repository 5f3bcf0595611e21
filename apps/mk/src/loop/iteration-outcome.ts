import type { ObserveIngest, RecordResult } from '@holdfast/telemetry';
import type { Action } from '@holdfast/tuning';
import type { Revert } from '../regression/regression-watch.ts';

/** What one pass of the loop came to. The first three counts are of actions. */
export interface IterationOutcome {
  readonly outDir: string;
  readonly reportPath: string;
  readonly explainPath: string;
  readonly rollbackPath: string | null;
  readonly proposed: number;
  readonly applied: number;
  readonly blocked: number;
  /** Also those that were taken back. */
  readonly appliedActions: readonly Action[];
  readonly applyRequested: boolean;
  readonly verifyOk: boolean | null;
  readonly applyAttempted: boolean;
  readonly applyOk: boolean | null;
  readonly blockedReason: string | null;
  /** What standard error gets about that. */
  readonly blockedLine: string | null;
  /** The change of a stack that the apply became. */
  readonly changeId: string | null;
  /** Null where nothing was to be taken back. */
  readonly revert: Revert | null;
  /** Why something was to be taken back. */
  readonly revertReason: string | null;
  /** The fields of the report that say how good the evidence is. */
  readonly assessment: object;
  readonly ingest?: ObserveIngest;
  readonly record?: RecordResult;
}
