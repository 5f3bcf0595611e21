import {
  GATE_ORDER,
  gateErrors,
  type GateDecision,
  type GateReasonCode,
  type Reason,
} from '@holdfast/contracts';
import { challengeEnds, hasEnoughVoters, tally } from './approvals.ts';
import type { ApprovalFacts, GateFacts } from './gate-facts.ts';
import { isPlanHashOk } from './plan-hash.ts';

/** Answers in words why this reason holds, or nothing. */
type Check = (facts: GateFacts, at: string) => string | undefined;

const MISSING = 'this could not be determined';

const anyOf = (held: readonly string[] | undefined): string | undefined => {
  if (held === undefined) return MISSING;
  return held.length === 0 ? undefined : held.join('; ');
};

const killSwitch: Check = ({ killSwitch: fact }) => {
  if (fact === undefined) return MISSING;
  return fact.on ? fact.detail || 'no reason was given' : undefined;
};

const tripwire: Check = ({ plan, tripwires }) => {
  if (plan !== undefined && !isPlanHashOk(plan))
    return 'the plan is not the one that its hash names';
  return anyOf(tripwires);
};

const planStale: Check = ({ plan, worldRevision }) => {
  if (plan === undefined) return 'there is no plan';
  if (worldRevision === undefined) return MISSING;
  if (worldRevision === plan.base.revision) return undefined;
  return `it was made for ${plan.base.revision}, the target is at ${worldRevision}`;
};

const verifyMissing: Check = ({ plan, verify }) => {
  if (verify === undefined) return 'there is no report';
  return verify.plan_hash === plan?.hash ? undefined : 'the report is about another plan';
};

const verifyFailed: Check = ({ verify }) => {
  if (verify === undefined) return undefined;
  const failed = verify.checks.filter((check) => !check.ok);
  if (verify.ok && failed.length === 0) return undefined;
  return failed.map(({ step, detail }) => `step ${step}: ${detail}`).join('; ') || 'it said no';
};

const licenceIs =
  (state: 'missing' | 'invalid'): Check =>
  ({ licence }) => {
    if (licence === undefined) return state === 'missing' ? MISSING : undefined;
    return licence.state === state ? licence.detail : undefined;
  };

const budget: Check = ({ budgets }) =>
  anyOf(
    budgets
      ?.filter(({ used, limit }) => used > limit)
      .map(({ what, used, limit }) => `${used} ${what}, the limit is ${limit}`),
  );

const approvalRequired: Check = (facts) => {
  const counted = tally(facts);
  if (counted === undefined) return MISSING;
  if (counted.needed === 0 || counted.given > 0) return undefined;
  const why = facts.rule?.forced ? 'the change asks for it' : `the risk is ${facts.risk}`;
  return `${why}; someone other than ${facts.author.id} has to approve`;
};

const quorumMissing: Check = (facts) => {
  const counted = tally(facts);
  if (counted === undefined || facts.rule === undefined) return MISSING;
  const { given, needed } = counted;
  if (needed === 0) return undefined;
  const { rule } = facts;
  if (!hasEnoughVoters(rule)) {
    const named = rule.voters?.length ?? 0;
    return `class ${rule.class} has ${named} voters of at least ${rule.min_voters}; a change of kind quorum names them`;
  }
  if (given >= needed || needed === 1) return undefined;
  const said = `${given} of ${needed} people approved`;
  const others = rule.voters?.filter((voter) => voter !== facts.author.id).length ?? needed;
  if (others >= needed) return said;
  return `${said}; that cannot be reached, since ${facts.author.id} proposed it and is one of the ${others + 1} voters: somebody who is no voter has to propose it, or there have to be more voters`;
};

const challengeWindow: Check = (facts, at) => {
  const counted = tally(facts);
  if (counted === undefined || facts.rule === undefined) return MISSING;
  const ends = challengeEnds(counted, facts.rule);
  return ends === undefined || Date.parse(at) >= Date.parse(ends) ? undefined : `until ${ends}`;
};

/** One check for each reason. The order in which they run is that of GATE_ORDER, not that of these rows. */
const CHECKS: Readonly<Record<GateReasonCode, Check>> = {
  kill_switch: killSwitch,
  tripwire,
  plan_stale: planStale,
  license_missing: licenceIs('missing'),
  license_invalid: licenceIs('invalid'),
  entitlement_missing: ({ notEntitled }) => anyOf(notEntitled),
  verify_missing: verifyMissing,
  verify_failed: verifyFailed,
  policy_denied: ({ policyDenials }) => anyOf(policyDenials),
  cooldown_active: ({ cooldowns }) => anyOf(cooldowns),
  budget_exhausted: budget,
  freeze_window: ({ freezes }) => anyOf(freezes),
  approval_required: approvalRequired,
  quorum_missing: quorumMissing,
  challenge_window: challengeWindow,
};

/** Reasons that people or time lift: a change that only these hold back waits instead of being blocked. */
export const WAITING_REASONS: readonly GateReasonCode[] = [
  'approval_required',
  'quorum_missing',
  'challenge_window',
];

/** The sentence of the error table with what was found. */
export const gateReason = (code: GateReasonCode, detail: string): Reason => {
  const { text } = gateErrors[code];
  const sentence = text.includes('{detail}')
    ? text.replace('{detail}', () => detail)
    : `${text}: ${detail}`;
  return { code, detail: sentence.slice(0, 4000) };
};

const decideWith = (
  codes: readonly GateReasonCode[],
  facts: GateFacts,
  at: string,
): GateDecision => {
  const reasons = codes.flatMap((code) => {
    const detail = CHECKS[code](facts, at);
    return detail === undefined ? [] : [gateReason(code, detail)];
  });
  return {
    allowed: reasons.length === 0,
    first: reasons[0]?.code ?? null,
    reasons,
    evaluated: [...codes],
    decided_at: at,
  };
};

/**
 * The gate. Every check runs, in the fixed order; all reasons that hold are listed, the first is the one reported,
 * and the change is allowed only when there is none. Pure: `at` (RFC 3339 UTC) is the time of the facts.
 */
export const decide = (facts: GateFacts, at: string): GateDecision =>
  decideWith(GATE_ORDER, facts, at);

/** What people and time have to lift, alone: asked while a change waits for nothing else. */
export const decideApprovals = (facts: ApprovalFacts, at: string): GateDecision =>
  decideWith(WAITING_REASONS, facts as GateFacts, at);

/** What is known before there is a plan: the kill switch, and the hard rules that the wish itself touches. */
export const decideUnplanned = (
  facts: Pick<GateFacts, 'killSwitch' | 'tripwires'>,
  at: string,
): GateDecision => decideWith(['kill_switch', 'tripwire'], { ...facts } as GateFacts, at);

/** The kill switch alone: asked before anything else is done for a change, and again right before it is applied. */
export const decideKillSwitch = (facts: Pick<GateFacts, 'killSwitch'>, at: string): GateDecision =>
  decideWith(['kill_switch'], facts as GateFacts, at);
