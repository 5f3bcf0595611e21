import {
  EVENT_TYPES,
  HoldfastError,
  type TunedWorkload,
  type WorkloadSpec,
} from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import type { ModeKeeperContext } from '../config.ts';
import { openChangeOf } from './open-change.ts';
import type { WorkloadStore } from './workload-store.ts';

const MOST_WORKLOADS = 1_000;

/** Throws workload_busy while a change is under way on the workload. */
const checkFree = async (context: ModeKeeperContext, workload: TunedWorkload): Promise<void> => {
  const open = await openChangeOf(context, workload);
  if (open) throw new HoldfastError('workload_busy', { id: workload.id, change: open.id });
};

const placeOf = ({ context, ref }: WorkloadSpec): string => canonicalize({ context, ref });

/**
 * Registers a workload or replaces its record. What a change is under way on keeps its place: the object that the change
 * was planned for. Throws workload_busy and workload_limit.
 */
export const registerWorkload = async (
  context: ModeKeeperContext,
  workloads: WorkloadStore,
  { id, ...spec }: WorkloadSpec & { readonly id: string },
  actor: string,
): Promise<TunedWorkload> => {
  const before = await workloads.find(id);
  if (before && placeOf(before) !== placeOf(spec)) await checkFree(context, before);
  if (!before && (await workloads.all()).length >= MOST_WORKLOADS)
    throw new HoldfastError('workload_limit', { most: MOST_WORKLOADS });
  const data = { id, ref: spec.ref, context: spec.context, mode: spec.mode, policy: spec.policy };
  await context.commit(
    [workloads.put(id, spec, actor, context.clock.iso())],
    [{ type: EVENT_TYPES.workloadRegistered, subject: id, actor, data }],
  );
  return workloads.load(id);
};

/** Throws workload_not_found and workload_busy. */
export const removeWorkload = async (
  context: ModeKeeperContext,
  workloads: WorkloadStore,
  id: string,
  actor: string,
): Promise<void> => {
  await checkFree(context, await workloads.load(id));
  await context.commit(workloads.remove(id), [
    { type: EVENT_TYPES.workloadRemoved, subject: id, actor, data: { id } },
  ]);
};
