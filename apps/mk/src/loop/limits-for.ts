import { CATALOG, type LimitOptions, type WorkloadState } from '@holdfast/tuning';
import type { LoopContext } from './loop-context.ts';
import { mergeHistories } from './session-history.ts';

/** The limits of a pass for a workload in this state; undefined: it was not read. */
export const limitsFor = (
  { options, now, history, reverted }: LoopContext,
  state: WorkloadState | undefined,
): LimitOptions => ({
  catalog: CATALOG,
  state: state && { ...state, history: mergeHistories(state.history, history) },
  nowMs: now(),
  cooldownS: options.cooldownS,
  maxDeltaPerStep: options.maxDeltaPerStep,
  reverted,
});
