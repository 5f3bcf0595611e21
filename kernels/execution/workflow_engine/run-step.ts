import type { Turn } from '@holdfast/change';
import { HoldfastError, type Freeze, type PlanStep, type StepProgress } from '@holdfast/contracts';
import { askFreeze } from './clearance.ts';
import type { Parts } from './context.ts';
import { handOut, type StepEnd } from './hand-out.ts';
import { withStep, type Failure, type RunRecord } from './run-record.ts';
import { stepFinished, stepStarted } from './step-events.ts';

const FROZEN: Turn = { wait_ms: 1_000 };
const AGAIN: Turn = { wait_ms: 0 };

/** The first step that has not succeeded; undefined when all have. */
export const nextStep = (
  record: RunRecord,
): { step: PlanStep; progress: StepProgress } | undefined => {
  const { plan, run } = record;
  const index = run.steps.findIndex((step) => step.state !== 'succeeded');
  const step = plan.steps[index];
  const progress = run.steps[index];
  return step && progress && { step, progress };
};

const killSwitchFailure = (freeze: Freeze, since: string): Failure => {
  const who = freeze.by === null ? freeze.reason : `turned on by ${freeze.by}`;
  const error = new HoldfastError('kill_switch', { detail: who });
  return { code: error.code, detail: error.message, since };
};

const writeIntent = ({ context, runs }: Parts, record: RunRecord, step: PlanStep) => {
  const started_at = context.clock.iso();
  const progress = { state: 'running', attempts: 1, started_at } as const;
  return runs.write(
    record,
    { kind: 'intent', step: step.key, body: { do: step.do } },
    { run: { steps: withStep(record.run.steps, step.key, progress) } },
    [stepStarted(record, step)],
  );
};

const writeResult = ({ context, runs }: Parts, record: RunRecord, step: PlanStep, end: StepEnd) => {
  const finished_at = context.clock.iso();
  const { status: state, detail: outcome } = end;
  const code = end.status === 'failed' ? end.code : undefined;
  const failure =
    end.status === 'failed'
      ? { code: end.code, detail: end.detail, since: finished_at }
      : record.failure;
  const steps = withStep(record.run.steps, step.key, { state, outcome, finished_at });
  return runs.write(
    record,
    { kind: 'result', step: step.key, body: end },
    { run: { steps }, failure },
    [stepFinished(record, step, { state, outcome, code })],
  );
};

/**
 * Carries out one step: asks for the kill switch, writes down the intent, hands the step out, writes down the result.
 * A step whose intent is there but whose result is not is asked for again: its owner carries it out once. Such a step
 * may not have reached its owner, so with the kill switch on it waits.
 */
export const runStep = (
  parts: Parts,
  record: RunRecord,
  { step, progress }: { step: PlanStep; progress: StepProgress },
): Promise<Turn> =>
  parts.slots.hold(async () => {
    const { context, runs } = parts;
    const freeze = await askFreeze(context);
    const isStarted = progress.state === 'running';
    if (freeze.on && isStarted) return FROZEN;
    if (freeze.on) {
      const failure = killSwitchFailure(freeze, context.clock.iso());
      await runs.write(record, { kind: 'failing', step: step.key, body: failure }, { failure });
      return AGAIN;
    }
    const intended = isStarted ? record : await writeIntent(parts, record, step);
    const end = await handOut(context, intended, step);
    await writeResult(parts, intended, step, end);
    return AGAIN;
  });
