import type { KubeObject } from '@holdfast/kube';
import {
  actionsOfPlan,
  CATALOG,
  checkLimits,
  readWorkload,
  WorkloadError,
  type PlanItem,
  type WorkloadState,
} from '@holdfast/tuning';
import type { BrokenLimit } from './apply-facts.ts';

/** The state of a workload; undefined where it was not read, or is of a kind that the engine does not know. */
export const stateOf = (object: KubeObject | undefined): WorkloadState | undefined => {
  if (object === undefined) return undefined;
  try {
    return readWorkload(object).state;
  } catch (error) {
    if (error instanceof WorkloadError) return undefined;
    throw error;
  }
};

/** Actions of an item that a limit holds back, in words. */
export const brokenLimits = (
  { namespace, name }: PlanItem,
  blocked: ReturnType<typeof checkLimits>['blocked'],
): BrokenLimit[] =>
  blocked.map(({ action, reason }) => ({
    reason,
    detail: `${namespace}/${name}: ${action.knob} to ${action.target}`,
  }));

/** The limits of the engine that a plan from outside breaks. `objects`: the workloads of the items, beside them. */
export const planLimits = (
  items: readonly PlanItem[],
  objects: readonly (KubeObject | undefined)[],
  nowMs: number,
): BrokenLimit[] =>
  items.flatMap((item, index) => {
    const { blocked } = checkLimits(actionsOfPlan(item, CATALOG), {
      catalog: CATALOG,
      state: stateOf(objects[index]),
      nowMs,
      cooldownS: 0,
      maxDeltaPerStep: 0,
    });
    return brokenLimits(item, blocked);
  });
