import {
  GATE_ORDER,
  gateErrors,
  type GateDecision,
  type GateReasonCode,
  type Reason,
} from '@holdfast/contracts';
import { approvalsNeeded, countingApprovers } from './approvals.ts';
import type { GateFacts } from './gate-facts.ts';
import { isPlanHashOk } from './plan-hash.ts';
import { brokenTripwires } from './tripwires.ts';

/** Answers in words why this reason holds, or nothing. */
type Check = (facts: GateFacts) => string | undefined;

const MISSING = 'this could not be determined';

const anyOf = (held: readonly string[] | undefined): string | undefined => {
  if (held === undefined) return MISSING;
  return held.length === 0 ? undefined : held.join('; ');
};

const killSwitch: Check = ({ killSwitch: fact }) => {
  if (fact === undefined) return MISSING;
  return fact.on ? fact.detail || 'no reason was given' : undefined;
};

const tripwire: Check = ({ plan }) => {
  if (plan === undefined) return undefined;
  if (!isPlanHashOk(plan)) return 'the plan is not the one that its hash names';
  return anyOf(brokenTripwires(plan));
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

const budget: Check = ({ budget: fact }) => {
  if (fact === undefined) return MISSING;
  const { used, limit } = fact;
  return used <= limit ? undefined : `${used} changes are open, the limit is ${limit}`;
};

/** Undefined when the facts about approvals are missing. */
const quorum = (facts: GateFacts): { given: number; needed: number } | undefined => {
  if (facts.rule === undefined || facts.approvals === undefined) return undefined;
  const given = countingApprovers(facts.approvals, facts.author, facts.plan?.hash ?? '').length;
  return { given, needed: approvalsNeeded(facts.rule, facts.risk) };
};

const approvalRequired: Check = (facts) => {
  const counted = quorum(facts);
  if (counted === undefined) return MISSING;
  if (counted.needed === 0 || counted.given > 0) return undefined;
  const why = facts.rule?.forced ? 'the change asks for it' : `the risk is ${facts.risk}`;
  return `${why}; someone other than ${facts.author} has to approve`;
};

const quorumMissing: Check = (facts) => {
  const counted = quorum(facts);
  if (counted === undefined) return MISSING;
  if (counted.given >= counted.needed || counted.needed === 1) return undefined;
  return `${counted.given} of ${counted.needed} people approved`;
};

/** The checks that exist. The order in which they run is that of GATE_ORDER, not that of these rows. */
const CHECKS: Readonly<Partial<Record<GateReasonCode, Check>>> = {
  kill_switch: killSwitch,
  tripwire,
  plan_stale: planStale,
  verify_missing: verifyMissing,
  verify_failed: verifyFailed,
  policy_denied: ({ policyDenials }) => anyOf(policyDenials),
  cooldown_active: ({ cooldowns }) => anyOf(cooldowns),
  budget_exhausted: budget,
  freeze_window: ({ freezeWindows }) => anyOf(freezeWindows),
  approval_required: approvalRequired,
  quorum_missing: quorumMissing,
};

/** Reasons that an approval lifts: a change that only these hold back waits instead of being blocked. */
export const WAITING_REASONS: readonly GateReasonCode[] = ['approval_required', 'quorum_missing'];

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
  const evaluated = codes.filter((code) => CHECKS[code] !== undefined);
  const reasons = evaluated.flatMap((code) => {
    const detail = CHECKS[code]?.(facts);
    return detail === undefined ? [] : [gateReason(code, detail)];
  });
  return {
    allowed: reasons.length === 0,
    first: reasons[0]?.code ?? null,
    reasons,
    evaluated,
    decided_at: at,
  };
};

/**
 * The gate. Every check runs, in the fixed order; all reasons that hold are listed, the first is the one reported,
 * and the change is allowed only when there is none. Pure: `at` (RFC 3339 UTC) is the time of the facts.
 */
export const decide = (facts: GateFacts, at: string): GateDecision =>
  decideWith(GATE_ORDER, facts, at);

/** The kill switch alone: asked before anything else is done for a change, and again right before it is applied. */
export const decideKillSwitch = (facts: Pick<GateFacts, 'killSwitch'>, at: string): GateDecision =>
  decideWith(['kill_switch'], facts as GateFacts, at);
