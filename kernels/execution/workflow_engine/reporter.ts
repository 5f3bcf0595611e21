import type { Turn } from '@holdfast/change';
import { isHoldfastError, type Run, type RunReport } from '@holdfast/contracts';
import type { Parts } from './context.ts';
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

/**
 * Tells governance how a run stands, until it has said that it knows. What ended, and what waits, is told at once; of
 * what goes on no news is kept back for longer than NEWS_MS, however fast more of it comes. Throws to be tried again.
 */
export const createReporter = ({ context, runs }: Parts): ((id: string) => Promise<Turn>) => {
  const { clock, log, needs, signal } = context;
  /** Since when there is something to tell of a run. */
  const news = new Map<string, number>();

  /** How long a run that goes on may still have more to say (ms). */
  const restMs = ({ run }: RunRecord): number => {
    const now = clock.now();
    const since = news.get(run.id) ?? now;
    news.set(run.id, since);
    return now < since ? 0 : Math.max(0, since + NEWS_MS - now);
  };

  /** Undefined when there is nothing to tell. */
  const untold = async (id: string): Promise<RunRecord | undefined> => {
    const record = await runs.unreported(id);
    // The next record follows at once and says more: its watch, or how it ended.
    return record && isBetween(record) ? undefined : record;
  };

  return async (id) => {
    const record = await untold(id);
    const goesOn = record && !isFinished(record) && record.run.code === null;
    const wait_ms = goesOn ? restMs(record) : 0;
    if (wait_ms > 0) return { wait_ms };
    news.delete(id);
    if (!record) return 'done';
    try {
      await needs.governance.reportRun(reportOf(record.run), { signal });
    } catch (error) {
      if (!isHoldfastError(error, 'change_not_found')) throw error;
      log.error({ run: id }, 'governance does not know this run; it is not told any more');
    }
    await runs.markReported(id, record.run.journal);
    return { wait_ms: 0 };
  };
};
