import { collect } from '../loop/collect.ts';
import type { Looked } from '../loop/look.ts';
import type { LoopContext } from '../loop/loop-context.ts';
import { pause } from '../watch/stop-signal.ts';
import { awaitRollout } from './await-rollout.ts';
import { judgeWindow } from './judge-window.ts';
import type { RegressionWatch } from './regression-watch.ts';

const unwatched = (
  state: RegressionWatch['state'],
  reason: string,
  windowMs: number,
): RegressionWatch => ({
  state,
  reason,
  window_s: windowMs / 1000,
  sample_count: null,
  signals: [],
});

const notMeasured = (reason: string, windowMs: number): RegressionWatch => ({
  ...unwatched('failed', reason, windowMs),
  sample_count: 0,
});

/** A source that fails says nothing about the workload, which does not pass. */
const observeSince = async (
  context: LoopContext,
  { observed: before }: Looked,
  appliedMs: number,
): Promise<RegressionWatch> => {
  const { options, applyCluster } = context;
  const windowMs = options.watchWindowMs;
  const source = { ...options.collect, durationMs: windowMs, recordTo: undefined };
  let after;
  try {
    after = await collect(source, applyCluster);
  } catch (error) {
    return notMeasured(`the source failed: ${String(error)}`, windowMs);
  }
  if (after.error !== undefined) return notMeasured(`the source failed: ${after.error}`, windowMs);
  const { pass, reason, signals, sample_count } = judgeWindow(
    before.series,
    after.series,
    appliedMs,
  );
  const state = pass ? 'passed' : 'failed';
  return { state, reason, window_s: windowMs / 1000, sample_count, signals };
};

/**
 * Observes the workload for a while after an apply is rolled out, and holds that against the window before. A session that is told to stop
 * does not see the window to its end.
 */
export const watchWindow = async (
  context: LoopContext,
  looked: Looked,
): Promise<RegressionWatch> => {
  const { options, out, now, signal = new AbortController().signal } = context;
  const windowMs = options.watchWindowMs;
  const { source } = options.collect;
  if (windowMs === 0) return unwatched('off', 'a watch of no time was asked for', 0);
  if (source === 'synthetic')
    return unwatched('not_measurable', 'synthetic samples say nothing about the workload', 0);
  const missing = await awaitRollout(context, signal);
  if (missing !== undefined)
    return signal.aborted
      ? unwatched('stopped', missing, windowMs)
      : notMeasured(missing, windowMs);
  const appliedMs = now();
  out.explain('closed_loop_regression_watch_start', {
    source,
    window_s: windowMs / 1000,
    baseline_sample_count: looked.observed.series.length,
  });
  await pause(windowMs, signal);
  if (signal.aborted)
    return unwatched('stopped', 'told to stop before the window was over', windowMs);
  return observeSince(context, looked, appliedMs);
};
