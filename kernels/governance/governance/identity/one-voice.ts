import { HoldfastError, type ApproverKey, type Principal } from '@holdfast/contracts';
import type { IdentityParts } from './identity-parts.ts';

const SEVERAL =
  'somebody has to confirm it whom the identity provider let in, or who was added by others';

/** Where there is no identity provider, every name and token is of the owner's making. */
const ALONE =
  'this profile names no identity provider, so every name and token goes back to the owner and nobody can confirm a key: ' +
  'set identity.oidc in the profile, start the stack again, let at least two admins log in (`bin/holdfast login`) and make ' +
  "their keys (`bin/holdfast keys init`), and let each confirm the other's (`bin/holdfast keys confirm <key>`)";

/**
 * Somebody who makes principals or their tokens does not confirm keys of theirs, nor do others of their making: one admin
 * with two names would be two voices. Here the owner counts as the maker of whom the owner made. Throws self_approval for
 * one's own key and key_one_voice, which says what to do, for others of this kind.
 */
export const requireOtherVoice = async (
  { principals, keys, voices, context }: IdentityParts,
  { id, principal }: ApproverKey,
  caller: Principal,
): Promise<void> => {
  if (principal === caller.id) throw new HoldfastError('self_approval');
  const holder = await principals.find(principal);
  const refuse = (made: string): never => {
    const next = context.profile.identity.oidc === null ? ALONE : SEVERAL;
    throw new HoldfastError('key_one_voice', { detail: `${made}; ${next}` });
  };
  if (holder?.record.created_by === caller.id) refuse(`${caller.id} added ${principal}`);
  const ofHolder = await voices.ofHolder(principal, await keys.makers(id));
  const ofCall = await voices.ofCall(caller);
  const both = [...ofHolder].filter((person) => ofCall.has(person)).toSorted();
  if (both.length > 0)
    refuse(
      `${both.join(', ')} may be behind ${caller.id} as well as ${principal}, whose key it is`,
    );
};
