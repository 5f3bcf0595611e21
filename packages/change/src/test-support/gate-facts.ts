import type { GateReasonCode, VerifyReport } from '@holdfast/contracts';
import type { ApprovalFact, ApprovalRule, GateFacts } from '../gate-facts.ts';
import { AT, plan } from './arbitrary-plans.ts';

export const good = plan();

export const report = (changes: Partial<VerifyReport> = {}): VerifyReport => ({
  plan_hash: good.hash,
  ok: true,
  world_revision: 'r1',
  checks: [],
  verified_at: AT,
  ...changes,
});

/** A yes to the good plan, given at `AT` plus this many seconds. */
export const yes = (
  principal: string,
  changes: Partial<ApprovalFact> = {},
  after_s = 0,
): ApprovalFact => ({
  principal,
  person: principal,
  kind: 'human',
  plan_hash: good.hash,
  approved_at: new Date(Date.parse(AT) + after_s * 1000).toISOString(),
  ...changes,
});

export const standard: ApprovalRule = {
  class: 'standard',
  from_risk: 'high',
  needed: 1,
  forced: false,
  min_voters: 0,
  delay_s: 0,
};

/** Facts against which nothing stands. */
export const clear: GateFacts = {
  author: { id: 'ann', person: 'ann' },
  killSwitch: { on: false, detail: '' },
  plan: good,
  tripwires: [],
  worldRevision: 'r1',
  licence: { state: 'not_required', detail: '' },
  notEntitled: [],
  verify: report(),
  risk: 'low',
  policyDenials: [],
  cooldowns: [],
  budgets: [{ what: 'open changes', used: 10, limit: 10 }],
  freezes: [],
  approvals: [],
  rule: standard,
};

const simple: Partial<Record<GateReasonCode, Partial<GateFacts>>> = {
  kill_switch: { killSwitch: { on: true, detail: 'frozen by ann' } },
  tripwire: { tripwires: ['T4 reaching_for_the_kill_switch'] },
  plan_stale: { worldRevision: 'r2' },
  license_missing: { licence: { state: 'missing', detail: 'none was found' } },
  license_invalid: { licence: { state: 'invalid', detail: 'it expired' } },
  entitlement_missing: { notEntitled: ['more than 2 hosts'] },
  policy_denied: { policyDenials: ['no pip on Fridays'] },
  cooldown_active: { cooldowns: ['changed a minute ago'] },
  budget_exhausted: { budgets: [{ what: 'open changes', used: 11, limit: 10 }] },
  freeze_window: { freezes: ['year end'] },
};

/**
 * What of the approvals makes exactly these three hold. Who has not approved cannot be in a challenge window, unless it
 * is not known who approved: then all three hold.
 */
const approvalFacts = (codes: ReadonlySet<GateReasonCode>): Partial<GateFacts> => {
  const missing = codes.has('approval_required');
  const few = codes.has('quorum_missing');
  const window = codes.has('challenge_window');
  if (missing && window) return { risk: 'high', approvals: undefined };
  const rule = { ...standard, delay_s: window ? 300 : 0 };
  if (few && window) {
    const voters = { needed: 1, voters: ['bob'], min_voters: 3 };
    return { risk: 'high', approvals: [yes('bob')], rule: { ...rule, ...voters } };
  }
  if (!missing && !few && !window) return {};
  return {
    risk: 'high',
    approvals: missing ? [] : [yes('bob')],
    rule: { ...rule, needed: few ? 2 : 1 },
  };
};

/** Facts for which these reasons hold; a licence cannot be missing and invalid at once. */
export const factsWhere = (codes: ReadonlySet<GateReasonCode>): GateFacts => {
  const verify = {
    ...(codes.has('verify_missing') && { plan_hash: 'of another plan' }),
    ...(codes.has('verify_failed') && { ok: false }),
  };
  return Object.assign(
    {},
    clear,
    { verify: report(verify) },
    ...[...codes].map((code) => simple[code] ?? {}),
    approvalFacts(codes),
  ) as GateFacts;
};

/** The reasons that then hold. */
export const expectedOf = (codes: ReadonlySet<GateReasonCode>): Set<GateReasonCode> => {
  const isUnknown = codes.has('approval_required') && codes.has('challenge_window');
  return new Set([...codes, ...(isUnknown ? (['quorum_missing'] as const) : [])]);
};
