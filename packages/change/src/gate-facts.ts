import type { Plan, Risk, VerifyReport } from '@holdfast/contracts';

/** A yes to one plan. `kind` is what the approver is, as authenticated. */
export interface ApprovalFact {
  readonly principal: string;
  readonly kind: 'human' | 'agent' | 'kernel' | 'ai';
  readonly plan_hash: string;
}

/**
 * How many distinct people must say yes. `from_risk` and `needed` come from the profile; `forced` when the change
 * asked for an approval; `waived` holds the reason when none is needed whatever the risk (the undo of an approved
 * plan whose inverses were part of what was approved).
 */
export interface ApprovalRule {
  readonly from_risk: Risk;
  readonly needed: number;
  readonly forced: boolean;
  readonly waived?: string;
}

/**
 * Everything that the gate looks at. A fact that is undefined was not obtained: its check holds (fails closed).
 * Lists hold what stands against the change in words; an empty list says that it was looked and nothing found.
 */
export interface GateFacts {
  readonly author: string;
  readonly killSwitch: { readonly on: boolean; readonly detail: string } | undefined;
  readonly plan: Plan | undefined;
  readonly worldRevision: string | undefined;
  readonly verify: VerifyReport | undefined;
  readonly risk: Risk | undefined;
  readonly policyDenials: readonly string[] | undefined;
  readonly cooldowns: readonly string[] | undefined;
  readonly budget: { readonly used: number; readonly limit: number } | undefined;
  readonly freezeWindows: readonly string[] | undefined;
  readonly approvals: readonly ApprovalFact[] | undefined;
  readonly rule: ApprovalRule | undefined;
}
