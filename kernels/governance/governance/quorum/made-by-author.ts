import type { Change } from '@holdfast/contracts';
import type { Parts } from '../context.ts';

const OWNER = 'owner';

/**
 * Whether a key was registered with a token that the author of a change made: then its word may be the author's own. The
 * owner, who hands out the first tokens, is not meant: without an identity provider every token goes back to them.
 */
export const isMadeByAuthor = async (
  { identity }: Pick<Parts, 'identity'>,
  { proposed_by }: Pick<Change, 'proposed_by'>,
  principal: string,
  key: string,
): Promise<boolean> => {
  const author = await identity.personOf(proposed_by);
  if (author === OWNER) return false;
  return (await identity.makersOfKey(principal, key)).includes(author);
};
