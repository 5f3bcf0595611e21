import { isStoppable } from '@holdfast/change';
import type { Change } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { Move } from './move.ts';

/** The move that ends a change whose time to be decided is over; undefined while there is time, or once it applies. */
export const expiry = (change: Change, now: number): Move | undefined => {
  if (!isStoppable(change.state) || now < Date.parse(change.expires_at)) return undefined;
  const detail = `it was still ${change.state} at ${change.expires_at}`;
  const reasons = [{ code: 'expired', detail }, ...change.reasons];
  return { to: 'expired', actor: ENGINE, patch: { reasons } };
};
