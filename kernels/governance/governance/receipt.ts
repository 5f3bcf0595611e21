import { isAtLeast } from '@holdfast/change';
import { EVENT_TYPES } from '@holdfast/contracts';
import type { ChangeRecord } from './change-record.ts';
import type { GovernanceContext } from './context.ts';

/** Whether a change may only be applied once the ledger has signed for the decision that allowed it. */
export const needsReceipt = ({ change, notes }: ChangeRecord): boolean =>
  !notes.automatic && isAtLeast(change.risk ?? 'critical', 'medium');

/** Whether the decision to apply this plan is in the ledger under a signed checkpoint. */
export const hasReceipt = async (
  { needs, signal }: GovernanceContext,
  { change }: ChangeRecord,
): Promise<boolean> => {
  const { items } = await needs.ledger.listEntries(
    { correlation: change.id, type: EVENT_TYPES.changeDecided, limit: 10 },
    { signal },
  );
  const entry = items.find(
    ({ event: { data } }) => data['to'] === 'approved' && data['plan_hash'] === change.plan?.hash,
  );
  if (!entry) return false;
  const { index, checkpoint } = await needs.ledger.getProof({ id: entry.id }, { signal });
  return index < checkpoint.size;
};
