import { rolloutOf } from '@holdfast/tuning';
import type { LoopContext } from '../loop/loop-context.ts';
import { pause } from '../watch/stop-signal.ts';

const LOOK_MS = 2_000;

/**
 * Waits until the workload runs with what it was given, so that no sample of what it ran with before is taken for one of
 * after. Says what is missing when its time is over, or when the session is told to stop; undefined: nothing is.
 */
export const awaitRollout = async (
  context: LoopContext,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { options, now } = context;
  const endMs = now() + options.rolloutTimeoutMs;
  const cluster = await context.applyCluster();
  for (;;) {
    const { object, stderr } = await cluster.workload(options.target);
    const { finished, detail } =
      object === undefined
        ? { finished: false, detail: `the workload could not be read: ${stderr.trim()}` }
        : rolloutOf({ ...object });
    if (finished) return undefined;
    const leftMs = endMs - now();
    if (leftMs <= 0 || signal.aborted) return `its rollout is not finished: ${detail}`;
    await pause(Math.min(LOOK_MS, leftMs), signal);
  }
};
