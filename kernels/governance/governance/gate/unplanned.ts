import { decideUnplanned } from '@holdfast/change';
import type { GateDecision, TripwireHit } from '@holdfast/contracts';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { freezeDetail } from '../freezes/kill-switch.ts';
import { hardHits, tripwireHits } from './approval-facts.ts';

/**
 * What the gate says to a wish before its owner is asked for a plan, with the hard rules that it touches: what is
 * forbidden in itself is neither looked up nor planned, and is a case whether it could be planned or not.
 */
export const judgeUnplanned = async (
  parts: Parts,
  { change, notes }: ChangeRecord,
): Promise<{ readonly gate: GateDecision; readonly hits: readonly TripwireHit[] }> => {
  const freeze = await parts.killSwitch.read();
  const hits = await tripwireHits(parts, { change: { ...change, plan: null }, notes });
  const killSwitch = { on: freeze.on, detail: freezeDetail(freeze) };
  const facts = { killSwitch, tripwires: hardHits(hits) };
  return { gate: decideUnplanned(facts, parts.context.clock.iso()), hits };
};
