import { isHoldfastError, isTerminal, type Change, type TunedWorkload } from '@holdfast/contracts';
import type { ModeKeeperContext } from '../config.ts';

/** A change by its id; undefined where governance knows none. */
export const findChange = async (
  { needs, signal }: ModeKeeperContext,
  id: string,
): Promise<Change | undefined> => {
  try {
    return await needs.governance.getChange({ id }, { signal });
  } catch (error) {
    if (isHoldfastError(error, 'change_not_found')) return undefined;
    throw error;
  }
};

/** The change that holds a workload now, as far as this kernel planned it: the one that was noted last, or its undo. */
export const openChangeOf = async (
  context: ModeKeeperContext,
  { change }: Pick<TunedWorkload, 'change'>,
): Promise<Change | undefined> => {
  const last = change === null ? undefined : await findChange(context, change);
  if (!last || !isTerminal(last.state)) return last;
  const undo = last.reverted_by === null ? undefined : await findChange(context, last.reverted_by);
  return undo && !isTerminal(undo.state) ? undo : undefined;
};
