import type { Cluster, KubeObject } from '@holdfast/kube';
import { isRecord, rebaseRollback, type PlanItem } from '@holdfast/tuning';
import type { BrokenLimit } from '../gates/apply-facts.ts';

/** A rollback as it can be carried out now. */
export interface WayBack {
  /** The items with what is still to be put back. */
  readonly items: readonly PlanItem[];
  /** What others have set since, in the workloads as they are read right before they are patched. */
  conflictsIn(objects: readonly (KubeObject | undefined)[]): BrokenLimit[];
}

/** The patches that a rollback plan takes back, beside its items; undefined where it does not say. */
const appliedOf = (
  plan: Readonly<Record<string, unknown>> | undefined,
  items: number,
): readonly Record<string, unknown>[] | undefined => {
  const applied = plan?.['applied'];
  return Array.isArray(applied) && applied.length === items && applied.every(isRecord)
    ? applied
    : undefined;
};

const conflict = ({ namespace, name }: PlanItem, what: string): BrokenLimit => ({
  reason: 'rollback_conflict',
  detail: `${namespace}/${name}: ${what}`,
});

/**
 * Reads the workloads, and leaves of a rollback what still holds what was applied. A plan that does not say what that was
 * (one made by hand) is taken as it is, and so is an item whose workload cannot be read: its verification says so.
 */
export const planWayBack = async (
  cluster: Cluster,
  planned: readonly PlanItem[],
  plan: Readonly<Record<string, unknown>> | undefined,
): Promise<WayBack> => {
  const applied = appliedOf(plan, planned.length);
  if (applied === undefined) return { items: planned, conflictsIn: () => [] };
  const rebase = (index: number, object: KubeObject | undefined) =>
    object && rebaseRollback(applied[index]!, planned[index]!.patch, { ...object });
  const items = await Promise.all(
    planned.map(async (item, index) => {
      const rebased = rebase(index, (await cluster.workload(item)).object);
      return rebased === undefined ? item : { ...item, patch: rebased.patch };
    }),
  );
  return {
    items,
    conflictsIn: (objects) =>
      items.flatMap((item, index) => {
        const rebased = rebase(index, objects[index]);
        if (rebased === undefined) return [];
        const found = rebased.conflicts.map((what) => conflict(item, what));
        const isSame = JSON.stringify(rebased.patch) === JSON.stringify(item.patch);
        return isSame || found.length > 0
          ? found
          : [conflict(item, 'it was changed while it was looked at')];
      }),
  };
};
