import { isStoppable } from '@holdfast/change';
import {
  HoldfastError,
  type Change,
  type governanceApi,
  type Principal,
} from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import { approvedEvent } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { expiry } from './expiry.ts';
import type { Move } from './move.ts';

type Decisions = Pick<
  Handlers<typeof governanceApi>,
  'approveChange' | 'rejectChange' | 'cancelChange'
>;

const checkApprover = ({ change }: ChangeRecord, principal: Principal, planHash: string): void => {
  const { id, state, plan } = change;
  if (state !== 'waiting') throw new HoldfastError('change_state', { id, state, verb: 'approved' });
  if (plan?.hash !== planHash) {
    const expected = plan?.hash ?? 'none';
    throw new HoldfastError('plan_hash_mismatch', { got: planHash, expected });
  }
  if (principal.kind !== 'human')
    throw new HoldfastError('forbidden', { detail: `only people approve, not ${principal.kind}` });
  if (principal.id === change.proposed_by) throw new HoldfastError('self_approval');
};

const approval = (record: ChangeRecord, principal: Principal, now: string): Move | undefined => {
  const { change, notes } = record;
  const plan_hash = change.plan?.hash ?? '';
  const given = change.approvals;
  if (given.some((one) => one.principal === principal.id && one.plan_hash === plan_hash))
    return undefined;
  const approvals = [...given, { principal: principal.id, plan_hash, approved_at: now }];
  const after: Change = { ...change, approvals, version: change.version + 1 };
  return {
    actor: principal.id,
    patch: { approvals },
    notes: { approver_kinds: { ...notes.approver_kinds, [principal.id]: principal.kind } },
    events: [approvedEvent(after, principal.id)],
  };
};

export const decisionHandlers = (parts: Parts): Decisions => {
  const { clock } = parts.context;
  const { changes } = parts;

  const stop = async (
    id: string,
    to: 'rejected' | 'cancelled',
    actor: string,
    words: string,
  ): Promise<Change> => {
    const { change } = await changes.update(id, ({ change: { state } }) => {
      if (!isStoppable(state)) throw new HoldfastError('change_state', { id, state, verb: to });
      return { to, actor, patch: { reasons: [{ code: to, detail: words }] } };
    });
    parts.kick(id);
    return change;
  };

  return {
    async approveChange({ id, plan_hash }, call) {
      const { change } = await changes.update(id, (record) => {
        const late = expiry(record.change, clock.now());
        if (late) return late;
        checkApprover(record, call.principal, plan_hash);
        return approval(record, call.principal, clock.iso());
      });
      parts.kick(id);
      if (change.state === 'expired')
        throw new HoldfastError('change_state', { id, state: change.state, verb: 'approved' });
      return change;
    },
    rejectChange: async ({ id, reason }, call) =>
      stop(id, 'rejected', call.principal.id, `by ${call.principal.id}: ${reason}`),
    cancelChange: async ({ id }, call) =>
      stop(id, 'cancelled', call.principal.id, `by ${call.principal.id}`),
  };
};
