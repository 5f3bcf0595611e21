import type { Approval, Plan, PlanClass, Risk, VerifyReport } from '@holdfast/contracts';

/** A yes to one plan. `kind` is what the approver is, as authenticated; two principals of one person count once. */
export type ApprovalFact = Pick<
  Approval,
  'principal' | 'person' | 'kind' | 'plan_hash' | 'approved_at'
>;

export interface AuthorFact {
  readonly id: string;
  readonly person: string;
}

/**
 * How many distinct people must say yes. `from_risk`, `needed`, `min_voters` and `delay_s` come from the profile's rule
 * for the class of the plan; `forced` when the change asked for an approval; `waived` holds the reason when none is
 * needed whatever the risk (the undo of an approved plan whose inverses were part of what was approved). With `voters`
 * only those count, and `needed` is the k of their quorum.
 */
export interface ApprovalRule {
  readonly class: PlanClass;
  readonly from_risk: Risk;
  readonly needed: number;
  readonly forced: boolean;
  readonly waived?: string;
  readonly voters?: readonly string[];
  readonly min_voters: number;
  readonly delay_s: number;
}

/** Uses of something that is limited: `12 open changes`, `60 changes an hour`. */
export interface BudgetFact {
  readonly what: string;
  readonly used: number;
  readonly limit: number;
}

export interface LicenceFact {
  readonly state: 'not_required' | 'valid' | 'missing' | 'invalid';
  readonly detail: string;
}

/**
 * Everything that the gate looks at. A fact that is undefined was not obtained: its check holds (fails closed).
 * Lists hold what stands against the change in words; an empty list says that it was looked and nothing found.
 */
export interface GateFacts {
  readonly author: AuthorFact;
  readonly killSwitch: { readonly on: boolean; readonly detail: string } | undefined;
  readonly plan: Plan | undefined;
  /** Hard rules that the change touches. */
  readonly tripwires: readonly string[] | undefined;
  readonly worldRevision: string | undefined;
  readonly licence: LicenceFact | undefined;
  /** What the profile does not allow. */
  readonly notEntitled: readonly string[] | undefined;
  readonly verify: VerifyReport | undefined;
  readonly risk: Risk | undefined;
  readonly policyDenials: readonly string[] | undefined;
  readonly cooldowns: readonly string[] | undefined;
  readonly budgets: readonly BudgetFact[] | undefined;
  readonly freezes: readonly string[] | undefined;
  readonly approvals: readonly ApprovalFact[] | undefined;
  readonly rule: ApprovalRule | undefined;
}

/** The facts about approvals: what a waiting change is looked at by. */
export type ApprovalFacts = Pick<GateFacts, 'author' | 'plan' | 'risk' | 'approvals' | 'rule'>;
