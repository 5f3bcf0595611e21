import type { Clearance } from '@holdfast/contracts';
import type { Parts } from '../context.ts';
import { freezeDetail } from './kill-switch.ts';

const CLEAR: Clearance = { clear: true, code: null, detail: '' };

/** Scoped freezes and tripwires that hold a change that runs. */
const heldBy = async (parts: Parts, id: string): Promise<Clearance> => {
  const { change, notes } = await parts.changes.load(id);
  const against = await parts.freezes.against(change);
  // An undo that a failed change demands goes on: what holds its target must not leave it half changed.
  const holding = notes.automatic ? [] : against;
  const first = holding.find(({ tripwire }) => tripwire) ?? holding[0];
  if (first === undefined) return CLEAR;
  return {
    clear: false,
    code: first.tripwire ? 'tripwire' : 'freeze_window',
    detail: first.detail,
  };
};

/**
 * Whether a step of a change may start now. Asked before each one, so that a freeze holds what runs already. The kill
 * switch comes first in the answer and is read last: nothing else may take time after that.
 */
export const clearanceOf = async (parts: Parts, id: string): Promise<Clearance> => {
  const held = await heldBy(parts, id);
  const freeze = await parts.killSwitch.read();
  if (freeze.on) return { clear: false, code: 'kill_switch', detail: freezeDetail(freeze) };
  return held;
};
