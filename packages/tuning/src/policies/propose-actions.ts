import type { Signals } from '../signals/detect-signals.ts';
import type { Action } from './action.ts';
import { proposeChords } from './chord-policy.ts';
import { proposeRecovery, type PlannerState } from './planner-state.ts';
import { proposeScalar } from './scalar-policy.ts';

export const POLICY_IDS = ['chord', 'scalar'] as const;
export type PolicyId = (typeof POLICY_IDS)[number];

/**
 * What a policy answers to the signals, with the fixed targets of the contract; `decideActions` fits them to a workload.
 * `state` adds recovery and relock (see `nextPlannerState`). `knobs` are the present values, where they are known.
 */
export const proposeActions = (
  policy: PolicyId,
  signals: Signals,
  state?: PlannerState,
  knobs: Readonly<Record<string, number>> = {},
): Action[] => [
  ...(policy === 'chord' ? proposeChords(signals) : proposeScalar(signals, knobs['concurrency'])),
  ...(state === undefined ? [] : proposeRecovery(state, signals)),
];
