import type { Turn } from '@holdfast/change';
import { HoldfastError, type PlanStep, type StepProgress } from '@holdfast/contracts';
import * as z from 'zod';
import type { WorkflowContext } from './context.ts';
import type { StepEnd } from './hand-out.ts';
import type { RunSession } from './run-session.ts';
import { writeIntent, writeResult } from './step-journal.ts';

const AGAIN: Turn = { wait_ms: 0 };
/** One question for an approval waits this long at governance. */
const ASK_MS = 25_000;
const ASK_TIMEOUT_MS = ASK_MS + 10_000;
/** Between questions that were answered early. */
const PAUSE_MS = 200;

const timerSchema = z.object({ ms: z.number().int().min(0).max(31_536_000_000) });

/** Steps that this engine carries out itself: they change nothing in the world. */
export const isWorkflowStep = (step: PlanStep): boolean => step.do.driver === 'workflow';

const succeeded = (detail: string): StepEnd => ({ status: 'succeeded', detail });
const invalid = (detail: string): StepEnd => {
  const { code, message } = new HoldfastError('invalid_input', { detail });
  return { status: 'failed', code, detail: message };
};

/** The time at which a timer ends is written down when it starts: a restart does not begin it anew. */
const waitForTimer = async (
  context: WorkflowContext,
  session: RunSession,
): Promise<StepEnd | Turn> => {
  const { timer } = session.record;
  const leftMs = timer === null ? 0 : Date.parse(timer.at) - context.clock.now();
  return leftMs > 0 ? { wait_ms: leftMs } : succeeded('the time is over');
};

const waitForApproval = async (
  { needs, signal }: WorkflowContext,
  session: RunSession,
  step: PlanStep,
): Promise<StepEnd | Turn> => {
  const detail = `step ${step.key} (${step.summary}) waits for a person`;
  const { code, message } = new HoldfastError('approval_required', { detail });
  await session.say(code, message);
  const { id } = session.record.run;
  const question = { id, step: step.key, wait_ms: ASK_MS };
  const options = { signal, timeoutMs: ASK_TIMEOUT_MS };
  const { approved, by } = await needs.governance.getStepApproval(question, options);
  return approved ? succeeded(`approved by ${by.join(', ')}`) : { wait_ms: PAUSE_MS };
};

const carryOn = async (
  context: WorkflowContext,
  session: RunSession,
  step: PlanStep,
): Promise<StepEnd | Turn> => {
  switch (step.do.action) {
    case 'timer':
      return waitForTimer(context, session);
    case 'approval':
      return waitForApproval(context, session, step);
    case 'none':
      return succeeded('nothing to do');
    default:
      return invalid(`the workflow engine has no action ${step.do.action}`);
  }
};

/**
 * One turn of a step of the driver `workflow`: `timer` {ms} waits, `approval` waits for a person, `none` is the inverse
 * of both. None has a time limit, needs a place, or asks whether steps may start: nothing is changed by waiting.
 */
export const runWorkflowStep = async (
  context: WorkflowContext,
  session: RunSession,
  step: PlanStep,
  progress: StepProgress,
): Promise<Turn> => {
  if (progress.state !== 'running') {
    const timer = timerSchema.safeParse(step.do.params);
    const isTimer = step.do.action === 'timer';
    const at = new Date(context.clock.now() + (timer.data?.ms ?? 0)).toISOString();
    await writeIntent(context, session, step, isTimer ? { step: step.key, at } : null);
    if (isTimer && !timer.success)
      await writeResult(context, session, step, invalid('a timer takes ms'));
    return AGAIN;
  }
  const outcome = await carryOn(context, session, step);
  if (outcome === 'done' || 'wait_ms' in outcome) return outcome;
  await writeResult(context, session, step, outcome);
  return AGAIN;
};
