import { targetsOf, type Action } from '../policies/action.ts';
import type { WorkloadState } from './workload-state.ts';

export const BATCH_KNOBS = ['grad_accum_steps', 'microbatch_size'] as const;
export type BatchKnob = (typeof BATCH_KNOBS)[number];

export const isBatchKnob = (knob: string): knob is BatchKnob =>
  (BATCH_KNOBS as readonly string[]).includes(knob);

/**
 * The product that the batch knobs of one replica must have, undefined where nothing says it. The declared global batch
 * counts where there is one, else what the workload runs with now. NaN: declared, and no whole share of it exists.
 */
export const batchPerReplica = (state: WorkloadState): number | undefined => {
  if (state.global_batch !== undefined) {
    const share = state.global_batch / (state.replicas ?? Number.NaN);
    return Number.isInteger(share) && share > 0 ? share : Number.NaN;
  }
  const { grad_accum_steps: steps, microbatch_size: micro } = state.knobs;
  return steps === undefined || micro === undefined ? undefined : steps * micro;
};

/**
 * Whether the workload trains with the same global batch after all `actions` together. Where neither a declaration nor
 * the present value of a knob that changes is on record, there is no batch to keep.
 */
export const keepsGlobalBatch = (actions: readonly Action[], state: WorkloadState): boolean => {
  const targets = targetsOf(actions.filter((action) => isBatchKnob(action.knob)));
  if (targets.size === 0) return true;
  const [steps, micro] = BATCH_KNOBS.map((knob) => targets.get(knob) ?? state.knobs[knob]);
  const wanted = batchPerReplica(state);
  if (wanted !== undefined) return Number(steps) * Number(micro) === wanted;
  const present = [...targets.keys()].map((knob) => state.knobs[knob]);
  if (present.includes(undefined)) return true;
  return [...targets].every(([knob, target]) => state.knobs[knob] === target);
};
