import type { Parts } from '../context.ts';

const OWNER = 'owner';

/** Who proposed something, and the principals who made the token that it was proposed with. */
export interface Author {
  readonly id: string;
  readonly makers: readonly string[];
}

/** The persons whose word a proposal may be. */
export const personsBehind = async (
  { identity }: Pick<Parts, 'identity'>,
  { id, makers }: Author,
): Promise<ReadonlySet<string>> => {
  const persons = await Promise.all([id, ...makers].map((one) => identity.personOf(one)));
  return new Set(persons.filter((person, at) => at === 0 || person !== OWNER));
};

/** The persons whose word it may be what a key of a principal signs; the owner, where it is no key of theirs, is not meant. */
export const personsSigning = async (
  { identity }: Pick<Parts, 'identity'>,
  principal: string,
  key: string,
): Promise<ReadonlySet<string>> => {
  const makers = await identity.makersOfKey(principal, key);
  const person = await identity.personOf(principal);
  return new Set([person, ...makers.filter((maker) => maker !== OWNER)]);
};

/**
 * Whether what a key signs may be the word of whoever is behind a proposal: one of them made the token of the other, or
 * somebody else made both. The owner, who hands out the first tokens, is not meant: without an identity provider every
 * token goes back to them.
 */
export const isOneVoice = async (
  parts: Pick<Parts, 'identity'>,
  author: Author,
  principal: string,
  key: string,
): Promise<boolean> => {
  const behind = await personsBehind(parts, author);
  const signing = await personsSigning(parts, principal, key);
  return [...signing].some((person) => person !== OWNER && behind.has(person));
};
