import type { StepResult } from '@holdfast/contracts';
import { isPassing, readObject, versionOf, wordsOf } from '../cluster/read-object.ts';
import type { Parts } from '../parts.ts';
import { failedStep, type StepOrder } from './step-order.ts';
import { differencesFrom, holds } from './sparse-patch.ts';
import { bearsStep, stepPatch } from './step-patch.ts';
import { otherObject } from './tune-action.ts';
import { settleStep } from './settle-step.ts';

const PAUSE_MS = 250;

type Attempt = 'applied' | StepResult | { readonly again: string };

/**
 * Reads, decides, and patches what was read. That the patch is in is seen by its mark on the object; that it may go in
 * by the values that it was planned for. A lost answer decides nothing: the next attempt reads.
 */
const attempt = async (
  { context, clusters }: Parts,
  { action, run, step }: StepOrder,
): Promise<Attempt> => {
  const cluster = clusters(action.context);
  const read = await readObject(cluster, action.ref);
  if (!('object' in read))
    return read.passing ? { again: read.detail } : failedStep('step_failed', read.detail);
  const { object } = read;
  const other = otherObject(action, object);
  if (other !== undefined) return failedStep('plan_stale', other);
  if (bearsStep(object, { run, step })) return 'applied';
  if (action.restores && holds(action.patch, object))
    return { status: 'succeeded', detail: 'the workload has these values already' };
  if (!holds(action.expects, object)) {
    const words = differencesFrom(action.expects, object).join('; ');
    return failedStep('plan_stale', `the workload is not as it was planned for: ${words}`);
  }
  const patch = stepPatch(action, object, { run, step }, context.clock.now());
  const resourceVersion = versionOf(object);
  if (resourceVersion === undefined)
    return failedStep('step_failed', 'the workload has no version that a patch could be bound to');
  const outcome = await cluster.patch(action.ref, patch, { dryRun: false, resourceVersion });
  if (outcome.ok) return 'applied';
  return isPassing(outcome)
    ? { again: wordsOf(outcome) }
    : failedStep('step_failed', wordsOf(outcome));
};

/**
 * Carries out one step. It may be begun anew at any point, by another process too: what is in the cluster says how far
 * it came. Rejects only when the kernel stops or its store fails.
 */
export const carryOutStep = async (parts: Parts, order: StepOrder): Promise<StepResult> => {
  const { clock, signal } = parts.context;
  for (;;) {
    signal.throwIfAborted();
    const end = await attempt(parts, order);
    // A call that was cut off by the stop of the kernel says nothing about the cluster.
    signal.throwIfAborted();
    if (end === 'applied') {
      await parts.steps.applied(order);
      const known = await parts.steps.find(order.run, order.step);
      return settleStep(parts, order, known?.appliedMs ?? clock.now());
    }
    if ('status' in end) return end;
    if (order.leftMs() <= 0)
      return failedStep('step_timeout', `whether it was patched is not known: ${end.again}`);
    await clock.sleep(PAUSE_MS, signal);
  }
};
