import {
  EVENT_TYPES,
  HoldfastError,
  type Change,
  type governanceApi,
  type Principal,
  type Signature,
} from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import { decisionEvent } from '../change-events.ts';
import type { ChangeRecord } from '../change-record.ts';
import type { Decided } from '../change-store.ts';
import type { Parts } from '../context.ts';
import { expiry } from '../expiry.ts';
import { checkDecider, checkPlan } from './check-decider.ts';
import { approvalOf, checkSigned, decisionOn, refusingReplay } from './signed-decision.ts';

type Approvals = Pick<
  Handlers<typeof governanceApi>,
  'approveChange' | 'withdrawApproval' | 'challengeChange' | 'approveStep'
>;

/** The hands of people on a change: each is one durable write with the signature used up in it. */
export const approveHandlers = (parts: Parts): Approvals => {
  const { clock } = parts.context;
  const { changes } = parts;

  /** Updates a change unless its time is over; then it is expired instead, and the call refused. */
  const inTime = async (
    id: string,
    verb: string,
    decide: (record: ChangeRecord) => Promise<Decided>,
  ): Promise<Change> => {
    const { change } = await refusingReplay(() =>
      changes.update(id, async (record) => expiry(record.change, clock.now()) ?? decide(record)),
    );
    parts.kick(id);
    if (change.state === 'expired')
      throw new HoldfastError('change_state', { id, state: change.state, verb });
    return change;
  };

  const approve = async (
    record: ChangeRecord,
    principal: Principal,
    signature: Signature,
  ): Promise<Decided> => {
    const { change } = record;
    const { person, used } = await checkSigned(
      parts,
      decisionOn(change, 'approve'),
      principal,
      signature,
    );
    const approval = approvalOf(change, principal, person, signature, clock.iso());
    const others = change.approvals.filter((one) => one.principal !== principal.id);
    const patch = { approvals: [...others, approval] };
    const after: Change = { ...change, ...patch, version: change.version + 1 };
    const event = decisionEvent(EVENT_TYPES.changeApproved, after, principal.id, { signature });
    return { actor: principal.id, patch, events: [event], also: { statements: used } };
  };

  return {
    approveChange: async ({ id, plan_hash, signature }, { principal }) =>
      inTime(id, 'approved', async (record) => {
        checkPlan(record, plan_hash, ['waiting'], 'approved');
        await checkDecider(parts, record, principal, { key: signature.key });
        return approve(record, principal, signature);
      }),
    withdrawApproval: async ({ id }, { principal }) =>
      inTime(id, 'withdrawn from', async ({ change }) => {
        if (change.state !== 'waiting')
          throw new HoldfastError('change_state', {
            id,
            state: change.state,
            verb: 'withdrawn from',
          });
        const approvals = change.approvals.filter((one) => one.principal !== principal.id);
        if (approvals.length === change.approvals.length) return undefined;
        const after: Change = { ...change, approvals, version: change.version + 1 };
        const type = EVENT_TYPES.changeApprovalWithdrawn;
        const events = [decisionEvent(type, after, principal.id, {})];
        return { actor: principal.id, patch: { approvals }, events };
      }),
    challengeChange: async ({ id, reason, plan_hash, signature }, { principal }) =>
      inTime(id, 'challenged', async (record) => {
        const { change } = record;
        checkPlan(record, plan_hash, ['waiting'], 'challenged');
        await checkDecider(parts, record, principal, { mayBeAuthor: true });
        const signed = decisionOn(change, 'challenge');
        const { used } = await checkSigned(parts, signed, principal, signature);
        const challenge = { principal: principal.id, reason, challenged_at: clock.iso() };
        const others = change.challenges.filter((one) => one.principal !== principal.id);
        const patch = { challenges: [...others, challenge], active_at: null };
        const after: Change = { ...change, ...patch, version: change.version + 1 };
        const data = { reason, signature };
        const events = [decisionEvent(EVENT_TYPES.changeChallenged, after, principal.id, data)];
        return { actor: principal.id, patch, events, also: { statements: used } };
      }),
    approveStep: async ({ id, step, plan_hash, signature }, { principal }) =>
      inTime(id, 'approved at a step', async (record) => {
        const { change, notes } = record;
        checkPlan(record, plan_hash, ['applying'], 'approved at a step');
        const asksFor = change.plan?.steps.find(({ key }) => key === step)?.do;
        if (asksFor?.driver !== 'workflow' || asksFor.action !== 'approval')
          throw new HoldfastError('not_found', { what: `approval step ${step}` });
        await checkDecider(parts, record, principal, { key: signature.key });
        const signed = decisionOn(change, `step ${step}`);
        const { person, used } = await checkSigned(parts, signed, principal, signature);
        const given = notes.step_approvals[step] ?? [];
        const others = given.filter((one) => one.principal !== principal.id);
        const approval = approvalOf(change, principal, person, signature, clock.iso());
        const step_approvals = { ...notes.step_approvals, [step]: [...others, approval] };
        const after: Change = { ...change, version: change.version + 1 };
        const data = { step, signature };
        const events = [decisionEvent(EVENT_TYPES.stepApproved, after, principal.id, data)];
        const also = { statements: used };
        return { actor: principal.id, notes: { step_approvals }, events, also };
      }),
  };
};
