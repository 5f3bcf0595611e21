import { createHash } from 'node:crypto';
import { HoldfastError, type DraftPlan, type Plan, type PlanBody } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';

/** What the engine adds to a draft. `created_at` is RFC 3339 UTC. */
export interface PlanMeta {
  readonly change: string;
  readonly kind: string;
  readonly owner: string;
  readonly created_at: string;
}

/** SHA-256 (hex) of the canonical JSON (RFC 8785) of a plan without its hash. */
export const planHash = (body: PlanBody | Plan): string => {
  const { hash: _hash, ...rest } = body as Plan;
  return createHash('sha256').update(canonicalize(rest)).digest('hex');
};

/**
 * Seals a draft into an immutable plan. Fields that JSON cannot carry (undefined) are dropped first, so that the hash
 * is the same before and after the plan travelled over a wire.
 */
export const makePlan = (draft: DraftPlan, meta: PlanMeta): Plan => {
  const body = JSON.parse(
    JSON.stringify({
      change: meta.change,
      kind: meta.kind,
      owner: meta.owner,
      target: draft.target,
      base: draft.base,
      steps: draft.steps,
      class: draft.class,
      signals: draft.signals,
      timeout_ms: draft.timeout_ms,
      created_at: meta.created_at,
    }),
  ) as PlanBody;
  return { ...body, hash: planHash(body) };
};

export const isPlanHashOk = (plan: Plan): boolean => planHash(plan) === plan.hash;

/** Refuses a plan whose content is not what its hash says (`plan_hash_mismatch`). */
export const checkPlanHash = (plan: Plan): void => {
  const expected = planHash(plan);
  if (expected !== plan.hash) {
    throw new HoldfastError('plan_hash_mismatch', { got: plan.hash, expected });
  }
};
