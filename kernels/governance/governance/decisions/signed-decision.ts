import { verifyDecision } from '@holdfast/change';
import {
  HoldfastError,
  LONGEST_SIGNATURE_S,
  type Approval,
  type Change,
  type Decision,
  type Principal,
  type Signature,
} from '@holdfast/contracts';
import { isStoreError, type Statement } from '@holdfast/store';
import type { Parts } from '../context.ts';

/** Twice the longest life of a signature: by then it is refused for its age. */
const KEPT_MS = 2 * LONGEST_SIGNATURE_S * 1000;

/** A decision whose signature was checked, with what makes sure it is never used again. */
export interface Signed {
  readonly person: string;
  readonly used: readonly Statement[];
}

/**
 * Checks that a person signed exactly this with an active key of their own. Throws not_a_person, approval_key_unknown,
 * approval_signature_invalid or approval_expired.
 */
export const checkSigned = async (
  parts: Parts,
  decision: Omit<Decision, 'approver'>,
  principal: Principal,
  signature: Signature,
): Promise<Signed> => {
  if (principal.kind !== 'human') throw new HoldfastError('not_a_person', { kind: principal.kind });
  const { clock } = parts.context;
  const approver = principal.id;
  const key = await parts.identity.findKey(approver, signature.key);
  if (!key) throw new HoldfastError('approval_key_unknown', { approver, key: signature.key });
  verifyDecision({ ...decision, approver }, signature, key.public_key, clock.now());
  return {
    person: await parts.identity.personOf(approver),
    used: [
      {
        sql: 'DELETE FROM used_signatures WHERE used_at < ?',
        params: [new Date(clock.now() - KEPT_MS).toISOString()],
      },
      {
        sql: 'INSERT INTO used_signatures (key_id, nonce, used_for, used_at) VALUES (?, ?, ?, ?)',
        params: [signature.key, signature.nonce, decision.subject, clock.iso()],
      },
    ],
  };
};

/** Runs a write that holds `used`: a signature that was used before is refused with approval_replayed. */
export const refusingReplay = async <T>(write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    if (isStoreError(error, 'STORE_CONSTRAINT')) throw new HoldfastError('approval_replayed');
    throw error;
  }
};

/** The decision about a change as it stands: bound to its plan and to the world that the plan was made for. */
export const decisionOn = (
  change: Change,
  decision: Decision['decision'],
): Omit<Decision, 'approver'> => ({
  decision,
  subject: change.id,
  digest: change.plan?.hash ?? '',
  base: change.plan?.base.revision ?? '',
});

export const approvalOf = (
  change: Change,
  { id, kind }: Principal,
  person: string,
  signature: Signature,
  approved_at: string,
): Approval => ({
  principal: id,
  person,
  kind,
  plan_hash: change.plan?.hash ?? '',
  base_revision: change.plan?.base.revision ?? '',
  signature,
  approved_at,
});
