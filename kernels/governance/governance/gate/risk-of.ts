import { computeRisk, type RiskVerdict } from '@holdfast/change';
import type { Change, Plan } from '@holdfast/contracts';
import type { Parts } from '../context.ts';

/** The risk of a plan for a change. Who declared what it restores is its author where the same person stands behind both. */
export const riskOf = async (
  { identity }: Pick<Parts, 'identity'>,
  { proposed_by }: Pick<Change, 'proposed_by'>,
  plan: Plan,
): Promise<RiskVerdict> => {
  const author = await identity.personOf(proposed_by);
  const authors = [proposed_by];
  for (const { effect } of plan.steps) {
    const by = effect.declared_by;
    if (by === undefined || authors.includes(by)) continue;
    if ((await identity.personOf(by)) === author) authors.push(by);
  }
  return computeRisk(plan, authors);
};
