import { computeRisk, type RiskVerdict } from '@holdfast/change';
import type { Plan } from '@holdfast/contracts';
import { authorOf, type ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { personsBehind } from '../quorum/voices-behind.ts';

/**
 * Whether what a step restores may have been declared by one of these persons: as themselves, or through a token that they
 * made for somebody else. Whose token it was counts for anybody once it is not on record any more.
 */
const mayBeDeclaredBy = async (
  parts: Pick<Parts, 'identity'>,
  persons: ReadonlySet<string>,
  id: string,
  token: string | undefined,
): Promise<boolean> => {
  const makers = token === undefined ? [] : await parts.identity.makersOfToken(token);
  if (token !== undefined && makers.length === 0) return true;
  const others = makers.filter((maker) => maker !== id);
  const declarers = await personsBehind(parts, { id, makers: others });
  return [...declarers].some((person) => persons.has(person));
};

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
    const { declared_by: by, declared_with } = effect;
    if (by === undefined || authors.includes(by)) continue;
    if (await mayBeDeclaredBy(parts, persons, by, declared_with)) authors.push(by);
  }
  return computeRisk(plan, authors);
};
