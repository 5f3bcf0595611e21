import { isStoppable } from '@holdfast/change';
import { EVENT_TYPES, HoldfastError, type Change } from '@holdfast/contracts';
import { decisionEvent } from './change-events.ts';
import type { Parts } from './context.ts';
import { expiry } from './expiry.ts';

/** Lets a change that was proposed with hold be applied. Throws change_state when it is too late for that. */
export const releaseChange = async (parts: Parts, id: string, actor: string): Promise<Change> => {
  const { change } = await parts.changes.update(id, ({ change: before }) => {
    const late = expiry(before, parts.context.clock.now());
    if (late) return late;
    const { state } = before;
    if (!isStoppable(state))
      throw new HoldfastError('change_state', { id, state, verb: 'applied' });
    if (!before.held) return undefined;
    const after: Change = { ...before, held: false, version: before.version + 1 };
    const events = [decisionEvent(EVENT_TYPES.changeReleased, after, actor, {})];
    const notes = { released_at: parts.context.clock.iso() };
    return { actor, patch: { held: false }, notes, events };
  });
  parts.kick(id);
  if (change.state === 'expired')
    throw new HoldfastError('change_state', { id, state: change.state, verb: 'applied' });
  return change;
};
