import type { KubeObject } from '@holdfast/kube';
import { appliedAnnotations, type Action, type PlanItem } from '@holdfast/tuning';
import { stateOf } from '../gates/plan-limits.ts';

/**
 * The patch of an item with the memory of the actions that it applies: cooldowns and budgets read it from the workload. It
 * goes on the workload alone, where it starts no rollout. `object`: the workload as it was read.
 */
export const withMemory = (
  item: PlanItem,
  object: KubeObject | undefined,
  actions: readonly Action[],
  nowMs: number,
): Record<string, unknown> => {
  if (actions.length === 0) return item.patch;
  const memory = appliedAnnotations(stateOf(object)?.history ?? [], actions, nowMs);
  const metadata = (item.patch['metadata'] ?? {}) as Record<string, unknown>;
  const annotations = (metadata['annotations'] ?? {}) as Record<string, unknown>;
  return {
    ...item.patch,
    metadata: { ...metadata, annotations: { ...annotations, ...memory } },
  };
};
