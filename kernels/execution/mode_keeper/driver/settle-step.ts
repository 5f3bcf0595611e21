import type { StepResult } from '@holdfast/contracts';
import { rolloutOf } from '@holdfast/tuning';
import { readObject } from '../cluster/read-object.ts';
import type { Parts } from '../parts.ts';
import { paceOf, type Pace } from '../samples/window.ts';
import { failedStep, type StepOrder } from './step-order.ts';
import { differencesFrom } from './sparse-patch.ts';
import { otherObject } from './tune-action.ts';
import { readWindow } from './tune-signals.ts';

const LOOK_MS = 1_000;

/** What is still missing before a patched workload counts as changed; undefined for nothing. */
const missingOf = async (
  parts: Parts,
  { action, workload: id }: StepOrder,
  appliedMs: number,
): Promise<{ waits?: string; broken?: string }> => {
  const read = await readObject(parts.clusters(action.context), action.ref);
  if (!('object' in read))
    return read.passing ? { waits: read.detail } : { broken: `patched, and then: ${read.detail}` };
  const { object } = read;
  const other = otherObject(action, object);
  if (other !== undefined) return { broken: other };
  const moved = differencesFrom(action.patch, object);
  if (moved.length > 0) return { broken: `somebody changed it meanwhile: ${moved.join('; ')}` };
  const rollout = rolloutOf(object);
  if (!rollout.finished) return { waits: rollout.detail };
  const workload = action.measures.length > 0 ? await parts.workloads.find(id) : undefined;
  if (!workload) return {};
  const pace: Pace = paceOf(await readWindow(parts, workload, object, appliedMs));
  const unmeasured = action.measures.filter((name) => pace[name as keyof Pace] === null);
  return unmeasured.length === 0
    ? {}
    : { waits: `nothing was measured since: ${unmeasured.join(', ')}` };
};

/**
 * Waits until a patched workload runs with what it was given: its rollout is finished, and what its change is watched by
 * is measured again. So the watch of the change compares like with like. Fails with step_timeout when time is over.
 */
export const settleStep = async (
  parts: Parts,
  order: StepOrder,
  appliedMs: number,
): Promise<StepResult> => {
  const { clock, signal } = parts.context;
  for (;;) {
    const { waits, broken } = await missingOf(parts, order, appliedMs);
    signal.throwIfAborted();
    if (broken !== undefined) return failedStep('step_failed', broken);
    if (waits === undefined) return { status: 'succeeded', detail: 'patched, and rolled out' };
    if (order.leftMs() <= 0)
      return failedStep('step_timeout', `patched, but not in time: ${waits}`);
    await clock.sleep(Math.min(LOOK_MS, order.leftMs()), signal);
    signal.throwIfAborted();
  }
};
