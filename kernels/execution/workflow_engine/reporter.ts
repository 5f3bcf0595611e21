import type { Turn } from '@holdfast/change';
import { isHoldfastError, type Run, type RunReport } from '@holdfast/contracts';
import type { Parts, WorkflowContext } from './context.ts';
import { isFinished, type RunRecord } from './run-record.ts';

/** Room for what all steps said together, so that a report always fits a request. */
const OUTCOMES_CHARS = 400_000;

/** How a run stands; its sequence number is the journal count, so a newer report replaces an older one. */
export const reportOf = (run: Run): RunReport => {
  const room = Math.floor(OUTCOMES_CHARS / Math.max(1, run.steps.length));
  return {
    id: run.id,
    seq: run.journal,
    state: run.state,
    steps: run.steps.map((step) => ({ ...step, outcome: step.outcome?.slice(0, room) ?? null })),
    observation: run.observation,
    ...(run.code === null ? {} : { code: run.code }),
    detail: run.detail,
    needs_revert: run.needs_revert,
    baseline: run.baseline,
    watched: run.watched,
  };
};

/** Every step is done and nothing was written about what comes then. */
const isBetween = ({ run }: RunRecord): boolean =>
  run.state === 'applying' &&
  run.code === null &&
  run.steps.every(({ state }) => state === 'succeeded');

/** What follows within this time is told in the same report. */
const NEWS_MS = 25;

/** How long a run that goes on may still have more to say (ms); none for what ended and for what waits. */
const restMs = ({ clock }: WorkflowContext, record: RunRecord): number => {
  if (isFinished(record) || record.run.code !== null) return 0;
  const age = clock.now() - Date.parse(record.run.updated_at);
  return age < 0 ? 0 : Math.max(0, NEWS_MS - age);
};

/** Tells governance how a run stands, until it has said that it knows. Throws to be tried again. */
export const report = async ({ context, runs }: Parts, id: string): Promise<Turn> => {
  const record = await runs.find(id);
  if (!record || record.run.journal <= (await runs.reported(id))) return 'done';
  // The next record follows at once and says more: its watch, or how it ended.
  if (isBetween(record)) return 'done';
  const wait_ms = restMs(context, record);
  if (wait_ms > 0) return { wait_ms };
  const { journal } = record.run;
  try {
    await context.needs.governance.reportRun(reportOf(record.run), { signal: context.signal });
  } catch (error) {
    if (!isHoldfastError(error, 'change_not_found')) throw error;
    context.log.error({ run: id }, 'governance does not know this run; it is not told any more');
  }
  await runs.markReported(id, journal);
  return { wait_ms: 0 };
};
