import { fitForLedger } from '@holdfast/change';
import {
  EVENT_TYPES,
  kernelPrincipal,
  type PlanStep,
  type StepProgress,
} from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { RunRecord } from './run-record.ts';

const ACTOR = kernelPrincipal('workflow_engine').id;

const draft = (
  type: string,
  { run, plan }: RunRecord,
  step: PlanStep,
  data: Record<string, unknown>,
): EventDraft => ({
  type,
  subject: `changes/${run.id}/steps/${step.key}`,
  actor: ACTOR,
  correlation: run.id,
  data: fitForLedger({
    run: run.id,
    step: step.key,
    summary: step.summary,
    target: plan.target,
    plan_hash: plan.hash,
    ...data,
  }),
});

/** Says that an attempt of a step is about to be handed out, with exactly what it will do. */
export const stepStarted = (record: RunRecord, step: PlanStep, attempt: number): EventDraft =>
  draft(EVENT_TYPES.stepStarted, record, step, { attempt, do: step.do });

/** How an attempt ended. */
interface AttemptEnd extends Pick<StepProgress, 'state' | 'outcome'> {
  readonly code?: string | undefined;
  readonly attempt: number;
}

export const stepFinished = (record: RunRecord, step: PlanStep, end: AttemptEnd): EventDraft =>
  draft(EVENT_TYPES.stepFinished, record, step, { ...end });
