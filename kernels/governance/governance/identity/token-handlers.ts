import {
  HoldfastError,
  type AccessToken,
  type identityOps,
  type OpParsed,
  type Principal,
} from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { tokenEndedEvent, tokenIssuedEvent } from './identity-events.ts';
import type { IdentityParts } from './identity-parts.ts';
import { issueToken } from './issue-token.ts';
import { isAdmin, requireCaller, requireMayManage, type Subject } from './rank.ts';
import { checkScopes, namesHardRules } from './scopes.ts';
import { MOST_TOKENS } from './token-store.ts';

type Ops = typeof identityOps;
type Issued = { token: string; record: AccessToken };

const forbid = (detail: string): never => {
  throw new HoldfastError('forbidden', { detail });
};

/** Makes and ends tokens. A token never gets more than the one that it was made with has. */
export const tokenHandlers = (parts: IdentityParts) => {
  const { context, principals, tokens } = parts;
  const { clock } = context;

  const subjectOf = async (id: string, caller: Principal): Promise<Subject> => {
    const subject = await principals.subject(id);
    if (subject === undefined || subject.state !== 'active')
      throw new HoldfastError('principal_not_found', { id });
    if (id === caller.id) return subject;
    if (caller.kind === 'ai' && subject.kind !== 'ai')
      await parts.refuseTripwire(caller, `a program may not have a token of the person ${id}`);
    requireMayManage(caller, subject);
    return subject;
  };

  /** The token that came with the call, which bounds what is made with it; undefined for the owner's own. */
  const parentOf = async ({ token }: Principal): Promise<AccessToken | undefined> => {
    if (token === undefined) return undefined;
    const parent = await tokens.find(token);
    return parent?.record ?? forbid('the token of this call is not valid any more');
  };

  /** A token gives no longer life than its own: one that was stolen does not renew itself. A login does. */
  const endOf = (seconds: number, parent: AccessToken | undefined): string => {
    const wanted = clock.now() + seconds * 1_000;
    const end = parent?.type === 'token' ? Math.min(wanted, Date.parse(parent.expires_at)) : wanted;
    return new Date(end).toISOString();
  };

  const createToken = async (
    input: OpParsed<Ops['createToken']>,
    { principal: caller }: Call,
  ): Promise<Issued> => {
    requireCaller(caller);
    const reaching = input.scopes.find(namesHardRules);
    if (reaching !== undefined)
      await parts.refuseTripwire(caller, `no token reaches the hard rules, as by ${reaching}`);
    const subject = await subjectOf(input.principal ?? caller.id, caller);
    const scopes = checkScopes(input.scopes, caller.scopes);
    const parent = await parentOf(caller);
    const { token, stored } = issueToken({
      principal: subject.id,
      label: input.label,
      scopes,
      type: 'token',
      created_by: caller.id,
      created_at: clock.iso(),
      expires_at: endOf(input.expires_in_s, parent),
    });
    try {
      await parts.commit(
        [
          ...principals.stillActive(subject.id),
          tokens.hasRoom(subject.id),
          ...(parent === undefined ? [] : [tokens.stillGood(parent.id)]),
          ...tokens.insert(stored, parent?.id),
        ],
        [tokenIssuedEvent(caller.id, stored.record, parent?.id)],
      );
    } catch (error) {
      if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
      if (await tokens.isFull(subject.id))
        throw new HoldfastError('token_limit', { id: subject.id, most: MOST_TOKENS });
      return forbid(`${subject.id} or the token of this call was stopped meanwhile`);
    }
    return { token, record: stored.record };
  };

  const visible = async (id: string, caller: Principal): Promise<AccessToken> => {
    const found = await tokens.find(id);
    const missing = new HoldfastError('token_not_found', { id });
    if (found === undefined) throw missing;
    const { record } = found;
    if (record.principal === caller.id) return record;
    if (!isAdmin(caller)) throw missing;
    const subject = await principals.subject(record.principal);
    if (subject !== undefined) requireMayManage(caller, subject);
    return record;
  };

  const end = async (
    record: AccessToken,
    caller: Principal,
    own: boolean,
  ): Promise<AccessToken> => {
    const at = clock.iso();
    const family = own ? [] : [tokens.revokeFamily(record.id, at)];
    try {
      await parts.commit(
        [tokens.revoke(record.id, at), ...family],
        [tokenEndedEvent(caller.id, record, own)],
      );
    } catch (error) {
      // Somebody else ended it first.
      if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
    }
    return (await tokens.find(record.id))!.record;
  };

  return {
    createToken,
    async listTokens({ principal }: OpParsed<Ops['listTokens']>, { principal: caller }: Call) {
      if (principal !== undefined && principal !== caller.id && !isAdmin(caller))
        forbid(`role ${caller.role} may look at its own tokens only`);
      return { items: await tokens.list(principal ?? (isAdmin(caller) ? undefined : caller.id)) };
    },
    async revokeToken({ id }: OpParsed<Ops['revokeToken']>, { principal: caller }: Call) {
      requireCaller(caller);
      const record = await visible(id, caller);
      return record.revoked_at === null ? end(record, caller, false) : record;
    },
    async logout(_: object, { principal: caller }: Call): Promise<AccessToken> {
      requireCaller(caller);
      const id = caller.token;
      const found = id === undefined ? undefined : await tokens.find(id);
      if (found === undefined || found.record.principal !== caller.id)
        throw new HoldfastError('token_not_found', { id: id ?? 'that logging out ends' });
      return found.record.revoked_at === null ? end(found.record, caller, true) : found.record;
    },
  };
};
