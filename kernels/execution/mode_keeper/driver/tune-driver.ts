import type { changeDriverOps } from '@holdfast/contracts';
import type { FenceGuard, Handler } from '@holdfast/sdk';
import type { Parts } from '../parts.ts';
import { createApplyTune } from './apply-tune.ts';
import { observeTune } from './observe-tune.ts';
import { planTune } from './plan-tune.ts';
import { sampleTuning } from './tune-signals.ts';
import { verifyTune } from './verify-tune.ts';

type Ops = typeof changeDriverOps;

export interface TuneDriver {
  readonly handlers: { readonly [K in keyof Ops]: Handler<Ops[K]> };
  busy(): boolean;
  ended(): Promise<void>;
}

/** The change driver of knobs: plans and observes from the workload as it is, applies by one bound patch. */
export const createTuneDriver = (parts: Parts, fences: FenceGuard): TuneDriver => {
  const { apply, busy, ended } = createApplyTune(parts, fences);
  return {
    handlers: {
      planChange: (input) => planTune(parts, input),
      verifyPlan: ({ plan }) => verifyTune(parts, plan),
      applyStep: apply,
      sampleSignals: ({ plan }) => sampleTuning(parts, plan),
      observeChange: ({ plan, undone }) => observeTune(parts, plan, undone),
    },
    busy,
    ended,
  };
};
