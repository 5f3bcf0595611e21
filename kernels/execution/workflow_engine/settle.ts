import { mayHaveApplied, observationVerdict, signalVerdict, type Turn } from '@holdfast/change';
import { HoldfastError, type Observation } from '@holdfast/contracts';
import type { Parts } from './context.ts';
import { isBase, look, lookAtEnd } from './look.ts';
import type { Failure, RunRecord } from './run-record.ts';
import type { RunSession } from './run-session.ts';
import type { Move } from './run-store.ts';
import { sampleWindow } from './sampling.ts';

const LOOK_AGAIN: Turn = { wait_ms: 2_000 };
const AGAIN: Turn = { wait_ms: 0 };

const failedEnd = (
  { code, detail }: Omit<Failure, 'since'>,
  needs_revert: boolean,
  observation: Observation | null,
): Move => {
  const what = needs_revert ? 'what was applied has to be undone' : 'nothing was changed';
  const words = `${detail.slice(0, 3900)}; ${what}`;
  const run = { state: 'failed', code, detail: words, needs_revert, observation } as const;
  return { entry: { kind: 'finished', body: { code, needs_revert } }, patch: { run } };
};

const finish = async (session: RunSession, end: Move): Promise<Turn> => {
  await session.write(end);
  return 'done';
};

/** Ends a run whose failure is known: only what was seen to be untouched needs no undo. */
export const settleFailure = async (
  { context }: Parts,
  session: RunSession,
  failure: Failure,
): Promise<Turn> => {
  const { plan, run } = session.record;
  if (!run.steps.some(mayHaveApplied)) return finish(session, failedEnd(failure, false, null));
  const seen = await look(context, plan, true, failure.since);
  if (!seen) return LOOK_AGAIN;
  const isUntouched = seen.status === 'as_planned' || isBase(plan, seen);
  return finish(session, failedEnd(failure, !isUntouched, seen));
};

/** Says durably that the last step has succeeded and until when the result is watched. */
const beginWatch = async ({ context }: Parts, session: RunSession): Promise<Turn> => {
  const { watch_ms, plan } = session.record;
  const watch_until = new Date(context.clock.now() + watch_ms).toISOString();
  const entry = { kind: 'watching', body: { watch_until } } as const;
  const watched = (plan.signals ?? []).length === 0;
  await session.write({ entry, patch: { run: { state: 'watching' }, watch_until, watched } });
  return watched ? { wait_ms: watch_ms } : AGAIN;
};

/**
 * Measures all through the time of the watch. The samples become durable together: an engine that takes over in the
 * middle has seen none of them and watches for the whole time again.
 */
const measureWatch = async ({ context }: Parts, session: RunSession): Promise<Turn> => {
  const { record } = session;
  const watched = await sampleWindow(context, record, record.watch_ms);
  const entry = { kind: 'watched', body: { samples: watched.length } } as const;
  const run = { state: 'watching', watched } as const;
  const patch = { run, watched: true, watch_until: context.clock.iso() };
  await session.write({ entry, patch });
  return AGAIN;
};

/** Where there is nothing to wait for and nothing to measure, the look itself is the whole watch. */
const isOneLook = ({ watch_ms, watch_until, plan }: RunRecord): boolean =>
  watch_ms === 0 && watch_until === null && (plan.signals ?? []).length === 0;

/**
 * Begins the look that is the whole watch of a run whose last step has ended; undefined where it takes more than that.
 * It counts only once that end is written down: until then whoever began it may drop it.
 */
export const lookAhead = (
  parts: Parts,
  { record }: RunSession,
): Promise<Observation | undefined> | undefined => {
  if (!isOneLook(record)) return undefined;
  const looking = lookAtEnd(parts, record, parts.context.clock.iso());
  looking.catch(() => {});
  return looking;
};

/** How a run ends by what was measured and seen after its last step. Either that is bad fails it. */
export const endBy = (record: RunRecord, seen: Observation): Move => {
  const { plan, run } = record;
  const verdicts = [
    signalVerdict(plan.signals ?? [], run.baseline, run.watched),
    observationVerdict(seen),
  ];
  const failed = verdicts.filter(({ pass }) => !pass);
  if (failed.length > 0) {
    const reason = failed.map((verdict) => verdict.reason).join('; ');
    const { code, message } = new HoldfastError('watch_failed', { detail: reason });
    const isUntouched = record.reverts === null && isBase(plan, seen);
    return failedEnd({ code, detail: message }, !isUntouched, seen);
  }
  const detail = observationVerdict(seen).reason.slice(0, 4000);
  const end = { state: 'done', detail, observation: seen } as const;
  return { entry: { kind: 'finished', body: { status: seen.status } }, patch: { run: end } };
};

/**
 * After the last step: measures the signals of the plan for the time of the watch, looks at the target, and ends the
 * run by both. `looking`: the look, where it has begun.
 */
export const watch = async (
  parts: Parts,
  session: RunSession,
  looking?: Promise<Observation | undefined>,
): Promise<Turn> => {
  const { record } = session;
  const { plan } = record;
  if (record.watch_until === null && !isOneLook(record)) return beginWatch(parts, session);
  if (!record.watched && (plan.signals ?? []).length > 0) return measureWatch(parts, session);
  const { clock } = parts.context;
  const since = record.watch_until ?? clock.iso();
  const leftMs = Date.parse(since) - clock.now();
  if (leftMs > 0) return { wait_ms: leftMs };

  const seen = await (looking ?? lookAtEnd(parts, record, since));
  if (!seen) {
    if (record.watch_until === null) await beginWatch(parts, session);
    return LOOK_AGAIN;
  }
  return finish(session, endBy(record, seen));
};
