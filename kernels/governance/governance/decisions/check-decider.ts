import { HoldfastError, type ChangeState, type Principal } from '@holdfast/contracts';
import { authorOf, type ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { ruleOf } from '../quorum/approval-rule.ts';
import { isOneVoice } from '../quorum/voices-behind.ts';

/** Refuses a decision about another plan than the one there is (plan_hash_mismatch), or in another state. */
export const checkPlan = (
  { change }: ChangeRecord,
  planHash: string,
  states: readonly ChangeState[],
  verb: string,
): void => {
  const { id, state, plan } = change;
  if (!states.includes(state)) throw new HoldfastError('change_state', { id, state, verb });
  if (plan?.hash === planHash) return;
  const expected = plan?.hash ?? 'none';
  throw new HoldfastError('plan_hash_mismatch', { got: planHash, expected });
};

/** With which key somebody signs, and whether it may be the author. */
interface Deciding {
  readonly key?: string;
  readonly mayBeAuthor?: boolean;
}

/** Refuses somebody whose word would not count: no person, the author, or no voter of the class. */
export const checkDecider = async (
  parts: Parts,
  record: ChangeRecord,
  principal: Principal,
  { key, mayBeAuthor = false }: Deciding = {},
): Promise<void> => {
  const { change } = record;
  if (principal.kind !== 'human') throw new HoldfastError('not_a_person', { kind: principal.kind });
  if (!mayBeAuthor) {
    const { personOf } = parts.identity;
    const isAuthor =
      principal.id === change.proposed_by ||
      (await personOf(principal.id)) === (await personOf(change.proposed_by)) ||
      (key !== undefined && (await isOneVoice(parts, authorOf(record), principal.id, key)));
    if (isAuthor) throw new HoldfastError('self_approval');
  }
  const { voters, class: cls } = await ruleOf(parts, record);
  if (voters !== undefined && !voters.includes(principal.id))
    throw new HoldfastError('not_a_voter', { approver: principal.id, class: cls });
};
