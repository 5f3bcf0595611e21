import type { GateFacts } from '@holdfast/change';
import type { PolicyVerdict, TripwireHit, VerifyReport } from '@holdfast/contracts';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { freezeDetail } from '../freezes/kill-switch.ts';
import { approvalFacts, hardHits, tripwireHits } from './approval-facts.ts';
import { freezesAgainst } from './freezes-against.ts';
import { budgetsOf, cooldownsOf } from './limits.ts';

/** The facts about a change with what else came out of looking for them. */
export interface Gathered {
  readonly facts: GateFacts;
  readonly hits: readonly TripwireHit[];
  /** Names of the policies that decided. */
  readonly policies: readonly string[];
}

const denialsOf = (verdict: PolicyVerdict | undefined): readonly string[] | undefined =>
  verdict?.allowed ? [] : verdict?.denials;

/** Whoever may not call any more does not have changes applied either. */
const authorGone = async (
  { identity }: Parts,
  { change: { proposed_by } }: ChangeRecord,
): Promise<string[]> =>
  (await identity.recordOf(proposed_by))?.state === 'disabled'
    ? [`changes of ${proposed_by}, who is disabled`]
    : [];

/**
 * Looks up everything that the gate judges by; `policies` asks them. Rejects while something cannot be asked that may
 * answer later.
 */
export const gather = async (
  parts: Parts,
  record: ChangeRecord,
  verify: VerifyReport | null,
  policies: () => Promise<PolicyVerdict>,
): Promise<Gathered> => {
  const hits = await tripwireHits(parts, record);
  const tripwires = hardHits(hits);
  const freeze = await parts.killSwitch.read();
  // What a hard rule forbids is stopped now, whether policies can be asked or not.
  const verdict = await policies().catch((error: unknown) => {
    if (tripwires.length === 0) throw error;
    return undefined;
  });
  return {
    hits,
    policies: verdict?.determining ?? [],
    facts: {
      ...(await approvalFacts(parts, record, hits)),
      killSwitch: { on: freeze.on, detail: freezeDetail(freeze) },
      tripwires,
      worldRevision: verify?.world_revision,
      licence: { state: 'not_required', detail: '' },
      notEntitled: await authorGone(parts, record),
      verify: verify ?? undefined,
      policyDenials: denialsOf(verdict),
      cooldowns: await cooldownsOf(parts, record),
      budgets: await budgetsOf(parts, record),
      freezes: await freezesAgainst(parts, record),
    },
  };
};
