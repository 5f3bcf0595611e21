import { isHoldfastError, isTerminal, type Change, type TunedWorkload } from '@holdfast/contracts';
import type { ModeKeeperContext } from '../config.ts';

/** The change that was noted for a workload last; undefined where there is none, or only a simulated one. */
export const lastChangeOf = async (
  { needs, signal }: ModeKeeperContext,
  { change }: Pick<TunedWorkload, 'change'>,
): Promise<Change | undefined> => {
  if (change === null) return undefined;
  try {
    return await needs.governance.getChange({ id: change }, { signal });
  } catch (error) {
    if (isHoldfastError(error, 'change_not_found')) return undefined;
    throw error;
  }
};

/** The change that holds a workload now, as far as this kernel planned it. */
export const openChangeOf = async (
  context: ModeKeeperContext,
  workload: Pick<TunedWorkload, 'change'>,
): Promise<Change | undefined> => {
  const last = await lastChangeOf(context, workload);
  return last && !isTerminal(last.state) ? last : undefined;
};
