import { computeRisk, type RiskVerdict } from '@holdfast/change';
import type { Plan } from '@holdfast/contracts';
import { authorOf, type ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { personsBehind } from '../quorum/voices-behind.ts';

/** The risk of a plan for a change. Who declared what it restores is its author where the same person is behind both. */
export const riskOf = async (
  parts: Pick<Parts, 'identity'>,
  record: ChangeRecord,
  plan: Plan,
): Promise<RiskVerdict> => {
  const author = authorOf(record);
  const persons = await personsBehind(parts, author);
  const authors = [author.id];
  for (const { effect } of plan.steps) {
    const by = effect.declared_by;
    if (by === undefined || authors.includes(by)) continue;
    if (persons.has(await parts.identity.personOf(by))) authors.push(by);
  }
  return computeRisk(plan, authors);
};
