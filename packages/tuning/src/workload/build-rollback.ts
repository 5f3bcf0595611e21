import { PlanError } from '../plan/plan-error.ts';
import type { PlanItem } from '../plan/plan-item.ts';
import { inversePatch } from './inverse-patch.ts';
import { isRecord } from './kube-object.ts';

/**
 * The plan that undoes `items`, last first, from the objects as they were read before: `priorOf` gives the one of an
 * item. Throws PlanError (`invalid_item`) where it has none.
 */
export const buildRollback = (
  items: readonly PlanItem[],
  priorOf: (item: PlanItem, index: number) => unknown,
): PlanItem[] =>
  items
    .map((item, index) => {
      const prior = priorOf(item, index);
      if (!isRecord(prior))
        throw new PlanError('invalid_item', `item ${index}: no prior values were captured`, index);
      return { ...item, reason: 'rollback', patch: inversePatch(item.patch, prior) };
    })
    .reverse();
