import { checkTripwires, type ApprovalFacts } from '@holdfast/change';
import type { TripwireHit } from '@holdfast/contracts';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { ruleOf, standingApprovals } from '../quorum/approval-rule.ts';

/** Which hard rules a change touches now. */
export const tripwireHits = async (
  { changes, context }: Parts,
  { change, notes }: ChangeRecord,
): Promise<TripwireHit[]> => {
  const { reverts } = change;
  const original = reverts === null ? undefined : (await changes.find(reverts))?.change;
  return checkTripwires({
    change,
    plan: change.plan ?? undefined,
    author: { id: change.proposed_by, ...notes.author },
    at: context.clock.iso(),
    original,
    own: { home: context.home },
  });
};

/** The hard ones of them in words. */
export const hardHits = (hits: readonly TripwireHit[]): string[] =>
  hits.filter(({ level }) => level === 'hard').map(({ rule, detail }) => `${rule}: ${detail}`);

/** Who said yes to a change and who has to. Looked up here only, so that waiting and deciding go by the same. */
export const approvalFacts = async (
  parts: Parts,
  record: ChangeRecord,
  hits: readonly TripwireHit[],
): Promise<ApprovalFacts> => {
  const { change } = record;
  const rule = await ruleOf(parts, record);
  const isFlagged = hits.some(({ level }) => level === 'soft');
  return {
    author: {
      id: change.proposed_by,
      person: await parts.identity.personOf(change.proposed_by),
    },
    plan: change.plan ?? undefined,
    risk: change.risk ?? undefined,
    approvals: await standingApprovals(parts, record),
    // What a soft rule flags is for a person to look at, whatever the risk.
    rule: isFlagged ? { ...rule, forced: true } : rule,
  };
};
