import type {
  ApprovalFact,
  ApprovalFacts,
  ApprovalRule,
  AuthorFact,
  GateFacts,
} from './gate-facts.ts';
import { isAtLeast } from './risk.ts';

/**
 * The yeses that count for a plan, oldest first: of people, each once, never the author's own, only for exactly this
 * plan, and where there are voters only theirs.
 */
export const countingApprovals = (
  approvals: readonly ApprovalFact[],
  author: AuthorFact,
  planHash: string,
  voters?: readonly string[],
): ApprovalFact[] => {
  const seen = new Set<string>();
  return approvals
    .filter(({ kind, plan_hash }) => kind === 'human' && plan_hash === planHash)
    .filter(({ principal, person }) => principal !== author.id && person !== author.person)
    .filter(({ principal }) => voters === undefined || voters.includes(principal))
    .toSorted((a, b) => Date.parse(a.approved_at) - Date.parse(b.approved_at))
    .filter(({ person }) => !seen.has(person) && seen.add(person));
};

/** How many approvals a change of this risk needs. An unknown risk needs as many as the highest risk does. */
export const approvalsNeeded = (rule: ApprovalRule, risk: GateFacts['risk']): number => {
  if (rule.waived !== undefined) return 0;
  const needed = Math.max(1, rule.needed);
  return rule.forced || isAtLeast(risk ?? 'critical', rule.from_risk) ? needed : 0;
};

/** What the approvals of a change come to. `reachedAt`: when the last one that was needed came. */
export interface Tally {
  readonly given: number;
  readonly needed: number;
  readonly reachedAt: string | undefined;
}

/** Undefined when the facts about approvals are missing. */
export const tally = (facts: ApprovalFacts): Tally | undefined => {
  const { approvals, rule, author, plan } = facts;
  if (rule === undefined || approvals === undefined) return undefined;
  const needed = approvalsNeeded(rule, facts.risk);
  const counting = countingApprovals(approvals, author, plan?.hash ?? '', rule.voters);
  return { given: counting.length, needed, reachedAt: counting[needed - 1]?.approved_at };
};

/** Whether there are enough voters for the quorum of a class at all. */
export const hasEnoughVoters = ({ voters, min_voters }: ApprovalRule): boolean =>
  (voters?.length ?? 0) >= min_voters;

/** When the delay of an approved change ends (RFC 3339); undefined when it has none or is not approved. */
export const challengeEnds = (
  { needed, given, reachedAt }: Tally,
  { delay_s }: ApprovalRule,
): string | undefined =>
  delay_s === 0 || needed === 0 || given < needed || reachedAt === undefined
    ? undefined
    : new Date(Date.parse(reachedAt) + delay_s * 1000).toISOString();
