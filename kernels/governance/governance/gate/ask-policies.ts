import { isPlanned, policyRequestOf } from '@holdfast/change';
import { HoldfastError, type Host, type PolicyVerdict } from '@holdfast/contracts';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';

const TIMEOUT_MS = 5_000;

/** The host of a change; null for a target that is no host. Rejects while nobody can say. */
const hostOfTarget = async ({ hosts }: Parts, id: string | undefined): Promise<Host | null> =>
  id === undefined ? null : hosts.find(id);

/**
 * What the policies say about a planned change. Rejects while the policy engine cannot be asked: a change waits for it,
 * it is never allowed without. `record` keeps the question for later dry runs.
 */
export const askPolicies = async (
  parts: Parts,
  { change, notes }: ChangeRecord,
  record: boolean,
): Promise<PolicyVerdict> => {
  const { needs, signal, clock } = parts.context;
  if (!isPlanned(change)) throw new HoldfastError('plan_failed', { detail: 'there is no plan' });
  const host = await hostOfTarget(parts, change.target['host']);
  const author = { id: change.proposed_by, ...notes.author };
  const request = policyRequestOf(change, {
    author,
    automatic: notes.automatic,
    host,
    at: clock.iso(),
  });
  return needs.policy.decidePolicies({ request, record }, { signal, timeoutMs: TIMEOUT_MS });
};
