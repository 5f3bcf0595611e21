import type { ApprovalFact, ApprovalRule, GateFacts } from './gate-facts.ts';
import { isAtLeast } from './risk.ts';

/**
 * The people whose yes counts for a plan: humans, each once, never the author, and only for exactly this plan.
 */
export const countingApprovers = (
  approvals: readonly ApprovalFact[],
  author: string,
  planHash: string,
): string[] => [
  ...new Set(
    approvals
      .filter((approval) => approval.kind === 'human')
      .filter((approval) => approval.plan_hash === planHash)
      .map((approval) => approval.principal)
      .filter((principal) => principal !== author),
  ),
];

/** How many approvals a change of this risk needs. An unknown risk needs one as the highest risk does. */
export const approvalsNeeded = (rule: ApprovalRule, risk: GateFacts['risk']): number => {
  if (rule.waived !== undefined) return 0;
  const needed = Math.max(1, rule.needed);
  return rule.forced || isAtLeast(risk ?? 'critical', rule.from_risk) ? needed : 0;
};
