import type { PlannerState } from '../policies/planner-state.ts';
import type { Action } from '../policies/action.ts';
import { proposeGuards } from '../policies/distress-policy.ts';
import { proposeActions, type PolicyId } from '../policies/propose-actions.ts';
import { distressEvidence, type Distress } from '../signals/detect-distress.ts';
import type { Signals } from '../signals/detect-signals.ts';
import { checkLimits, type LimitOptions, type LimitReason } from './check-limits.ts';
import { splitByEnvelope, type EnvelopeOptions, type EnvelopeReason } from './envelope.ts';
import { fitGlobalBatch } from './fit-global-batch.ts';

export type BlockReason = EnvelopeReason | LimitReason;

/** What a window leads to. `proposed` = `allowed` and `blocked` together, in order; only `allowed` goes into a plan. */
export interface Decision {
  proposed: Action[];
  allowed: Action[];
  blocked: { action: Action; reason: BlockReason }[];
}

export interface DecideOptions extends EnvelopeOptions, LimitOptions {
  readonly policy: PolicyId;
  readonly signals: Signals;
  readonly planner?: PlannerState;
  /** Adds the answers to distress, and is the evidence that they ask for. */
  readonly distress?: Distress;
}

/** Proposal, fit to the workload, envelope and limits, in the one order in which they are right. */
export const decideActions = (options: DecideOptions): Decision => {
  const { policy, signals, planner, state } = options;
  const { distress = { comm_congestion: false, near_hang: false } } = options;
  const wanted = [
    ...proposeActions(policy, signals, planner, state?.knobs),
    ...proposeGuards(distress),
  ];
  const proposed = fitGlobalBatch(wanted, options);
  const envelope = splitByEnvelope(proposed, options);
  const evidence = [...(options.evidence ?? []), ...distressEvidence(distress)];
  const limits = checkLimits(envelope.allowed, { ...options, evidence });
  const blocked = [...envelope.blocked, ...limits.blocked];
  return {
    proposed,
    allowed: limits.allowed,
    blocked: blocked.sort((a, b) => proposed.indexOf(a.action) - proposed.indexOf(b.action)),
  };
};
