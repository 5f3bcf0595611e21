import type { PlanStep, StepProgress } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';
import type { StepEnd } from './hand-out.ts';
import { pending, withStep, type Due, type RunRecord } from './run-record.ts';
import type { RunSession } from './run-session.ts';
import type { Move } from './run-store.ts';
import { stepFinished, stepStarted } from './step-events.ts';
import { nextAttempt } from './step-retry.ts';

const progressOf = ({ run }: RunRecord, step: PlanStep): StepProgress =>
  run.steps.find(({ key }) => key === step.key)!;

/** That an attempt of a step is about to start. `timer`: when a step that only waits will be over. */
export const intentOf = (
  { clock }: WorkflowContext,
  record: RunRecord,
  step: PlanStep,
  timer: Due | null = null,
): Move => {
  const before = progressOf(record, step);
  const attempts = before.attempts + 1;
  const started_at = before.started_at ?? clock.iso();
  const patch = { state: 'running', attempts, started_at, finished_at: null } as const;
  return {
    entry: { kind: 'intent', step: step.key, body: { do: step.do, attempt: attempts, timer } },
    patch: { run: { steps: withStep(record.run.steps, step.key, patch) }, timer },
    events: [stepStarted(record, step, attempts)],
  };
};

export const writeIntent = async (
  context: WorkflowContext,
  session: RunSession,
  step: PlanStep,
  timer: Due | null = null,
): Promise<void> => {
  await session.write(intentOf(context, session.record, step, timer));
};

/** Takes an intent back that was written ahead, of a step that nobody was asked for and that may not start now. */
export const takeBackIntent = (session: RunSession, { key }: PlanStep): Promise<void> =>
  session.write({
    entry: { kind: 'held', step: key },
    patch: { run: { steps: withStep(session.record.run.steps, key, pending(key)) } },
  });

/** How an attempt of a step ended, and whether and when there will be another. */
export const resultOf = (
  { clock }: WorkflowContext,
  record: RunRecord,
  step: PlanStep,
  end: StepEnd,
): Move => {
  const progress = progressOf(record, step);
  const finished_at = clock.iso();
  const { status: state, detail: outcome } = end;
  const code = end.status === 'failed' ? end.code : undefined;
  const retry = nextAttempt(step, progress, record.retry, end, clock.now()) ?? null;
  const failure =
    end.status === 'failed' && retry === null
      ? { code: end.code, detail: end.detail, since: finished_at }
      : record.failure;
  const steps = withStep(record.run.steps, step.key, { state, outcome, finished_at });
  return {
    entry: { kind: 'result', step: step.key, body: { ...end, retry } },
    patch: { run: { steps }, failure, retry, timer: null },
    events: [stepFinished(record, step, { state, outcome, code, attempt: progress.attempts })],
  };
};

export const writeResult = (
  context: WorkflowContext,
  session: RunSession,
  step: PlanStep,
  end: StepEnd,
): Promise<void> => session.write(resultOf(context, session.record, step, end));
