import type { StepResult } from '@holdfast/contracts';
import type { StepKey } from './step-store.ts';
import type { TuneAction } from './tune-action.ts';

/** A step as it is carried out. */
export interface StepOrder extends StepKey {
  readonly workload: string;
  readonly action: TuneAction;
  /** What is left of the time of the step. */
  leftMs(): number;
}

export const failedStep = (
  code: 'plan_stale' | 'step_failed' | 'step_timeout',
  detail: string,
): StepResult => ({ status: 'failed', code, detail: detail.slice(0, 4000) });
