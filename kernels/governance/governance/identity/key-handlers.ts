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
import { checkPublicKey } from './public-key.ts';
import { isAdmin, OWNER, requireCaller, requireMayManage } from './rank.ts';

type Ops = typeof identityOps;

const requirePerson = ({ kind }: Principal): void => {
  if (kind !== 'human') throw new HoldfastError('not_a_person', { kind });
};

/** Registers, confirms and revokes the keys with which people sign decisions. */
export const keyHandlers = (parts: IdentityParts) => {
  const { context, principals, keys } = parts;
  const { clock, profile } = context;

  const load = async (id: string): Promise<ApproverKey> => {
    const key = await keys.find(id);
    if (key === undefined) throw new HoldfastError('key_not_found', { id });
    return key;
  };

  const personOf = async (id: string): Promise<string> =>
    (await principals.subject(id))?.person ?? id;

  /** Who made a principal, who made that one, and so on, without the owner, who may have made everybody. */
  const makersOf = async (id: string): Promise<Set<string>> => {
    const makers = new Set<string>();
    let maker = (await principals.find(id))?.record.created_by;
    while (maker !== undefined && maker !== OWNER.id && !makers.has(maker)) {
      makers.add(maker);
      maker = (await principals.find(maker))?.record.created_by;
    }
    return makers;
  };

  /**
   * Somebody who makes principals does not confirm their keys, nor do others of their making: one admin with two
   * names would be two voices.
   */
  const isOneVoice = async (holder: string, caller: Principal): Promise<boolean> => {
    if ((await personOf(holder)) === (await personOf(caller.id))) return true;
    const ofHolder = await makersOf(holder);
    const ofCaller = await makersOf(caller.id);
    return (
      ofHolder.has(caller.id) ||
      ofCaller.has(holder) ||
      [...ofHolder].some((maker) => ofCaller.has(maker))
    );
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
      try {
        await parts.commit(
          [...principals.stillActive(caller.id), keys.insert(key)],
          [keyEvent(caller.id, key)],
        );
      } catch (cause) {
        if (isStoreError(cause, 'STORE_CONSTRAINT'))
          throw new HoldfastError('key_taken', {}, { cause });
        throw cause;
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
      if (await isOneVoice(key.principal, caller)) throw new HoldfastError('self_approval');
      if (key.state === 'active') return key;
      const after: ApproverKey = { ...key, state: 'active', confirmed_by: caller.id };
      try {
        await parts.commit([keys.confirm(id, caller.id)], [keyEvent(caller.id, after)]);
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
        await parts.commit([keys.revoke(id, after.revoked_at!)], [keyEvent(caller.id, after)]);
      } catch (error) {
        if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
        return load(id);
      }
      return after;
    },
  };
};
