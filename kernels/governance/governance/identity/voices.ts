import type { Principal } from '@holdfast/contracts';
import type { PrincipalStore } from './principal-store.ts';
import { OWNER } from './rank.ts';
import type { TokenStore } from './token-store.ts';

/** Whose word something may be: all persons without whose doing it could not have been said. */
export interface Voices {
  /** Behind a call: the caller, those who made its token, and those who made the caller. */
  ofCall(caller: Principal): Promise<ReadonlySet<string>>;
  /** Behind a principal who registered a key with a token that `makers` made. */
  ofHolder(principal: string, makers: readonly string[]): Promise<ReadonlySet<string>>;
}

export const createVoices = (principals: PrincipalStore, tokens: TokenStore): Voices => {
  /** Who made a principal, who made that one, and so on, without the owner, who may have made everybody. */
  const ancestorsOf = async (id: string): Promise<Set<string>> => {
    const makers = new Set<string>();
    let maker = (await principals.find(id))?.record.created_by;
    while (maker !== undefined && maker !== OWNER.id && !makers.has(maker)) {
      makers.add(maker);
      maker = (await principals.find(maker))?.record.created_by;
    }
    return makers;
  };

  const ofHolder: Voices['ofHolder'] = async (principal, makers) => {
    const ids = [principal, ...makers, ...(await ancestorsOf(principal))];
    return new Set(await Promise.all(ids.map((id) => principals.personOf(id))));
  };

  return {
    ofHolder,
    ofCall: async ({ id, token }) =>
      ofHolder(id, token === undefined ? [] : await tokens.makers(token)),
  };
};
