import { isStoppable } from '@holdfast/change';
import { HoldfastError, type Change, type governanceApi } from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import type { Parts } from '../context.ts';

type Stops = Pick<Handlers<typeof governanceApi>, 'rejectChange' | 'cancelChange'>;

/** Ending a change that has not been applied. */
export const stopHandlers = (parts: Parts): Stops => {
  const stop = async (
    id: string,
    to: 'rejected' | 'cancelled',
    actor: string,
    words: string,
  ): Promise<Change> => {
    const { change } = await parts.changes.update(id, ({ change: { state } }) => {
      if (!isStoppable(state)) throw new HoldfastError('change_state', { id, state, verb: to });
      return { to, actor, patch: { reasons: [{ code: to, detail: words }] } };
    });
    parts.kick(id);
    return change;
  };
  return {
    rejectChange: async ({ id, reason }, { principal }) =>
      stop(id, 'rejected', principal.id, `by ${principal.id}: ${reason}`),
    cancelChange: async ({ id }, { principal }) =>
      stop(id, 'cancelled', principal.id, `by ${principal.id}`),
  };
};
