import { mayHaveApplied, watchVerdict, type Turn } from '@holdfast/change';
import { HoldfastError, type Observation } from '@holdfast/contracts';
import type { Parts } from './context.ts';
import { isBase, look } from './look.ts';
import type { Failure, RunRecord } from './run-record.ts';

const LOOK_AGAIN: Turn = { wait_ms: 2_000 };

const finishFailed = async (
  { runs }: Parts,
  record: RunRecord,
  { code, detail }: Failure,
  needs_revert: boolean,
  observation: Observation | null,
): Promise<Turn> => {
  const what = needs_revert ? 'what was applied has to be undone' : 'nothing was changed';
  const words = `${detail.slice(0, 3900)}; ${what}`;
  const run = { state: 'failed', code, detail: words, needs_revert, observation } as const;
  await runs.write(record, { kind: 'finished', body: { code, needs_revert } }, { run });
  return 'done';
};

/** Ends a run whose failure is known: only what was seen to be untouched needs no undo. */
export const settleFailure = async (
  parts: Parts,
  record: RunRecord,
  failure: Failure,
): Promise<Turn> => {
  if (!record.run.steps.some(mayHaveApplied))
    return finishFailed(parts, record, failure, false, null);
  const seen = await look(parts.context, record, true, failure.since);
  if (!seen) return LOOK_AGAIN;
  const isUntouched = seen.status === 'as_planned' || isBase(record, seen);
  return finishFailed(parts, record, failure, !isUntouched, seen);
};

/** After the last step: waits for the time of the watch, looks, and ends the run by what was seen. */
export const watch = async (parts: Parts, record: RunRecord): Promise<Turn> => {
  const { context, runs } = parts;
  const { clock } = context;
  if (record.watch_until === null) {
    const watch_until = new Date(clock.now() + record.watch_ms).toISOString();
    const entry = { kind: 'watching', body: { watch_until } } as const;
    await runs.write(record, entry, { run: { state: 'watching' }, watch_until });
    return { wait_ms: record.watch_ms };
  }
  const leftMs = Date.parse(record.watch_until) - clock.now();
  if (leftMs > 0) return { wait_ms: leftMs };

  const seen = await look(context, record, false, record.watch_until);
  if (!seen) return LOOK_AGAIN;
  const verdict = watchVerdict(seen);
  if (!verdict.pass) {
    const { code, message } = new HoldfastError('watch_failed', { detail: verdict.reason });
    const failure = { code, detail: message, since: clock.iso() };
    return finishFailed(parts, record, failure, !isBase(record, seen), seen);
  }
  const run = { state: 'done', detail: verdict.reason.slice(0, 4000), observation: seen } as const;
  await runs.write(record, { kind: 'finished', body: { status: seen.status } }, { run });
  return 'done';
};
