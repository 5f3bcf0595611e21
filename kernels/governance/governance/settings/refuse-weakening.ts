import { weakeningAttempt } from '@holdfast/change';
import { HoldfastError, type GateDecision } from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { ENGINE } from '../change-events.ts';
import type { Parts } from '../context.ts';
import { applyMove } from '../move.ts';
import { bear } from '../propose.ts';
import { SETTINGS_TARGET } from './entry-store.ts';
import type { Json } from './merge-patch.ts';

const RULE = 'T12';

/** A change that is born blocked, with the case of the rule, in one write. Answers its id. */
const recordAttempt = async (
  parts: Parts,
  patch: Json,
  detail: string,
  { principal }: Call,
): Promise<string> => {
  const { context, changes, cases } = parts;
  const { id: proposed_by, kind, role } = principal;
  const at = context.clock.iso();
  const born = bear(context, {
    kind: 'config',
    intent: { patch },
    target: { ...SETTINGS_TARGET },
    proposed_by,
    notes: { author: { kind, role } },
  });
  const reasons = [{ code: 'tripwire', detail: `${RULE}: ${detail}` }];
  const gate: GateDecision = {
    allowed: false,
    first: 'tripwire',
    reasons,
    evaluated: ['kill_switch', 'tripwire'],
    decided_at: at,
  };
  const move = { to: 'blocked', actor: ENGINE, patch: { gate, reasons }, data: { decision: gate } };
  const { record, events } = applyMove(born.record, { ...move, to: 'blocked' }, at);
  const opened = await cases.open(record, [{ rule: RULE, level: 'hard', detail }]);
  await changes.insert(record, {
    statements: opened.statements ?? [],
    events: [...born.events, ...events, ...(opened.events ?? [])],
  });
  return record.change.id;
};

/**
 * Refuses a patch that would weaken a hard rule with `tripwire`. The attempt is itself on record; who tries again while
 * the case of an earlier one is open is counted there.
 */
export const refuseWeakening = async (parts: Parts, patch: Json, call: Call): Promise<void> => {
  const detail = weakeningAttempt('config', patch);
  if (detail === undefined) return;
  for (;;) {
    try {
      const change = await recordAttempt(parts, patch, detail, call);
      parts.cases.kick();
      throw new HoldfastError('tripwire', { detail, change });
    } catch (error) {
      // The same was tried, or its case released, at the same moment.
      if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
    }
  }
};
