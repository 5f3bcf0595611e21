import type { Turn } from '@holdfast/change';
import {
  HoldfastError,
  type Clearance,
  type PlanStep,
  type StepProgress,
} from '@holdfast/contracts';
import type { Clock } from '@holdfast/sdk';
import { needsBaseline } from './baseline.ts';
import { askClearance, HELD_MS, sayHeld } from './clearance.ts';
import type { Parts } from './context.ts';
import { handOut } from './hand-out.ts';
import type { Failure, RunRecord } from './run-record.ts';
import type { RunSession } from './run-session.ts';
import type { Move } from './run-store.ts';
import { endBy, lookAhead, watch } from './settle.ts';
import { intentOf, resultOf, takeBackIntent, writeIntent } from './step-journal.ts';
import { needsReceipt, waitForReceipt } from './step-receipt.ts';
import { isWorkflowStep, runWorkflowStep } from './workflow-step.ts';

const HELD: Turn = { wait_ms: HELD_MS };
const AGAIN: Turn = { wait_ms: 0 };

export interface NextStep {
  readonly step: PlanStep;
  readonly progress: StepProgress;
}

/** The first step that has not succeeded; undefined when all have. */
export const nextStep = ({ plan, run }: RunRecord): NextStep | undefined => {
  const index = run.steps.findIndex((step) => step.state !== 'succeeded');
  const step = plan.steps[index];
  const progress = run.steps[index];
  return step && progress && { step, progress };
};

const killSwitchFailure = (detail: string, since: string): Failure => ({
  code: 'kill_switch',
  detail: new HoldfastError('kill_switch', { detail }).message,
  since,
});

/**
 * The intent of the first step, to be written with the birth of its run: where the step neither waits for anything before
 * it is handed out, nor is carried out here.
 */
export const firstIntent = (
  { context, slots }: Pick<Parts, 'context' | 'slots'>,
  record: RunRecord,
): Move | undefined => {
  const step = nextStep(record)?.step;
  if (!step || isWorkflowStep(step) || needsReceipt(step)) return undefined;
  return slots.isFree() && !needsBaseline(record) ? intentOf(context, record, step) : undefined;
};

/** The kill switch ends a run before its next step; whatever else is frozen lets it wait. */
const hold = async (
  { context }: Parts,
  session: RunSession,
  clearance: Clearance,
  { step, progress }: NextStep,
): Promise<Turn> => {
  if (progress.state === 'running' && session.isUntouched) {
    await takeBackIntent(session, step);
    return AGAIN;
  }
  if (clearance.code !== 'kill_switch' || progress.state === 'running') {
    await sayHeld(session, clearance);
    return HELD;
  }
  const failure = killSwitchFailure(clearance.detail, context.clock.iso());
  const entry = { kind: 'failing', step: step.key, body: failure } as const;
  await session.write({ entry, patch: { failure } });
  return AGAIN;
};

/** How long until the next attempt of a step that failed (ms). */
const pauseMs = ({ context }: Parts, { record }: RunSession): number =>
  record.retry === null ? 0 : Date.parse(record.retry.at) - context.clock.now();

/** Whether a step that has succeeded is the last: all others have succeeded before. */
const isLast = ({ run }: RunRecord, { step }: NextStep): boolean =>
  run.steps.every(({ key, state }) => key === step.key || state === 'succeeded');

/** The result of a step waits so long (ms) for the look that ends the run with it. */
const SOON_MS = 50;

/** What is known of a look within a time; undefined when it is not over, or came to nothing. */
const within = async <T>(
  ms: number,
  looking: Promise<T | undefined> | undefined,
  clock: Clock,
): Promise<T | undefined> => {
  if (!looking) return undefined;
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => undefined);
  try {
    return await Promise.race([looking.catch(() => undefined), late]);
  } finally {
    done.abort();
  }
};

/**
 * Carries out one step: asks whether it may start, writes down the intent, waits for the ledger's receipt of it where
 * the step is risky, hands the step out, writes down the result. A step whose intent is there but whose result is not
 * is asked for again: its owner carries it out once. Such a step may not have reached its owner, so it waits too while
 * no step may start. After the last one, the look at the target that ends the run is written with its result where it is
 * quick.
 */
export const runStep = async (parts: Parts, session: RunSession, next: NextStep): Promise<Turn> => {
  const { context, slots, clearances } = parts;
  const { step, progress } = next;
  if (isWorkflowStep(step)) return runWorkflowStep(context, session, step, progress);
  const waitMs = progress.state === 'failed' ? pauseMs(parts, session) : 0;
  if (waitMs > 0) return { wait_ms: waitMs };
  let looking: ReturnType<typeof lookAhead>;
  const turn = await slots.hold(async (slot) => {
    const { id } = session.record.run;
    const clearance = (await clearances.take(id)) ?? (await askClearance(context, id));
    if (!clearance.clear) return hold(parts, session, clearance, next);
    if (progress.state !== 'running') await writeIntent(context, session, step);
    if (needsReceipt(step)) await waitForReceipt(parts, session, slot, step);
    const end = await handOut(context, session, slot, step, clearance);
    const result = resultOf(context, session.record, step, end);
    if (end.status === 'succeeded' && isLast(session.record, next))
      looking = lookAhead(parts, session);
    const seen = await within(SOON_MS, looking, context.clock);
    await session.write(result, ...(seen ? [endBy(session.record, seen)] : []));
    return seen ? 'done' : AGAIN;
  });
  return looking && turn !== 'done' ? watch(parts, session, looking) : turn;
};
