import {
  HoldfastError,
  type ApproverKey,
  type identityOps,
  type OpParsed,
  type Principal,
} from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { keyEvent } from './identity-events.ts';
import type { IdentityParts } from './identity-parts.ts';
import { MOST_KEYS } from './key-store.ts';
import { requireOtherVoice } from './one-voice.ts';
import { checkPublicKey } from './public-key.ts';
import { isAdmin, requireCaller, requireMayManage } from './rank.ts';

type Ops = typeof identityOps;

const requirePerson = ({ kind }: Principal): void => {
  if (kind !== 'human') throw new HoldfastError('not_a_person', { kind });
};

/** Registers, confirms and revokes the keys with which people sign decisions. */
export const keyHandlers = (parts: IdentityParts) => {
  const { context, principals, tokens, keys } = parts;
  const { clock, profile } = context;

  const load = async (id: string): Promise<ApproverKey> => {
    const key = await keys.find(id);
    if (key === undefined) throw new HoldfastError('key_not_found', { id });
    return key;
  };

  return {
    async registerKey(
      input: OpParsed<Ops['registerKey']>,
      { principal: caller }: Call,
    ): Promise<ApproverKey> {
      requireCaller(caller);
      requirePerson(caller);
      const subject = await principals.subject(caller.id);
      if (subject === undefined || subject.state !== 'active')
        throw new HoldfastError('forbidden', { detail: `${caller.id} is not on record` });
      requirePerson({ ...caller, kind: subject.kind });
      const key: ApproverKey = {
        ...checkPublicKey(caller.id, input.public_key, input.proof),
        principal: caller.id,
        state: profile.identity.confirm_keys ? 'pending' : 'active',
        created_at: clock.iso(),
        confirmed_by: null,
        revoked_at: null,
      };
      const { token } = caller;
      const makers = token === undefined ? [] : await tokens.makers(token);
      const others = makers.filter((id) => id !== caller.id);
      try {
        await parts.commit(
          [
            ...principals.stillActive(caller.id),
            ...(token === undefined ? [] : [tokens.stillGood(token)]),
            keys.hasRoom(caller.id),
            keys.insert(key, others),
          ],
          [keyEvent(caller.id, key, others)],
        );
      } catch (cause) {
        if (isStoreError(cause, 'STORE_CONSTRAINT'))
          throw new HoldfastError('key_taken', {}, { cause });
        if (!isStoreError(cause, 'WRITE_CONFLICT')) throw cause;
        if (await keys.isFull(caller.id))
          throw new HoldfastError('key_limit', { id: caller.id, most: MOST_KEYS });
        throw new HoldfastError('forbidden', {
          detail: `${caller.id} or the token of this call was stopped meanwhile`,
        });
      }
      return key;
    },
    listKeys: async ({ principal }: OpParsed<Ops['listKeys']>) => ({
      items: await keys.list(principal),
    }),
    async confirmKey({ id }: OpParsed<Ops['confirmKey']>, { principal: caller }: Call) {
      requireCaller(caller);
      requirePerson(caller);
      const key = await load(id);
      await requireOtherVoice(parts, key, caller);
      if (key.state === 'active') return key;
      const after: ApproverKey = { ...key, state: 'active', confirmed_by: caller.id };
      try {
        await parts.commit(
          [keys.confirm(id, caller.id)],
          [keyEvent(caller.id, after, await keys.makers(id))],
        );
      } catch (error) {
        if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
        const now = await load(id);
        if (now.state !== 'active') throw new HoldfastError('key_not_found', { id });
        return now;
      }
      return after;
    },
    async revokeKey({ id }: OpParsed<Ops['revokeKey']>, { principal: caller }: Call) {
      requireCaller(caller);
      const key = await load(id);
      if (key.principal !== caller.id) {
        if (!isAdmin(caller)) throw new HoldfastError('key_not_found', { id });
        const subject = await principals.subject(key.principal);
        if (subject !== undefined) requireMayManage(caller, subject);
      }
      if (key.state === 'revoked') return key;
      const after: ApproverKey = { ...key, state: 'revoked', revoked_at: clock.iso() };
      try {
        await parts.commit(
          [keys.revoke(id, after.revoked_at!)],
          [keyEvent(caller.id, after, await keys.makers(id))],
        );
      } catch (error) {
        if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
        return load(id);
      }
      return after;
    },
  };
};
