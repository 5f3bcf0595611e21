import {
  HoldfastError,
  type identityOps,
  type OpParsed,
  type Principal,
  type PrincipalRecord,
} from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { principalEvent } from './identity-events.ts';
import type { IdentityParts } from './identity-parts.ts';
import { principalIdOf } from './oidc/claims.ts';
import { requireCaller, requireMayGrant, requireMayManage } from './rank.ts';

/** `anonymous` is how calls without a token are named. */
const RESERVED = new Set(['owner', 'anonymous']);
const RESERVED_PREFIXES = ['kernel:', 'agent:', 'local:', 'oidc:'];

const isReserved = (id: string): boolean => {
  const folded = id.toLowerCase();
  return RESERVED.has(folded) || RESERVED_PREFIXES.some((prefix) => folded.startsWith(prefix));
};

const CHANGEABLE = ['role', 'state', 'name', 'person'] as const;

type Ops = typeof identityOps;

/** Adds and changes people and programs. */
export const principalHandlers = (parts: IdentityParts) => {
  const { context, principals, tokens, keys, voices } = parts;
  const { clock } = context;

  const createPrincipal = async (
    input: OpParsed<Ops['createPrincipal']>,
    { principal: caller }: Call,
  ): Promise<PrincipalRecord> => {
    requireCaller(caller);
    const { id, kind, role, name, person = id } = input;
    if (isReserved(id)) throw new HoldfastError('principal_reserved', { id });
    requireMayGrant(caller, role);
    if (caller.kind === 'ai' && kind !== 'ai')
      await parts.refuseTripwire(caller, `a program may not make the person ${id}`);
    const at = clock.iso();
    const record: PrincipalRecord = {
      id,
      kind,
      role,
      name,
      person,
      state: 'active',
      created_by: caller.id,
      created_at: at,
      updated_at: at,
    };
    try {
      await parts.commit(
        [principals.insert(record)],
        [principalEvent(caller.id, record, undefined)],
      );
    } catch (cause) {
      if (isStoreError(cause, 'STORE_CONSTRAINT'))
        throw new HoldfastError('principal_exists', { id }, { cause });
      throw cause;
    }
    return record;
  };

  /** Who is one person with whom is for somebody to say who is neither. */
  const requireNeither = async (
    caller: Principal,
    before: PrincipalRecord,
    person: string,
  ): Promise<void> => {
    const ofCall = await voices.ofCall(caller);
    const both = await Promise.all([before.id, person].map((id) => principals.personOf(id)));
    if (caller.kind !== 'human' || both.some((one) => ofCall.has(one)))
      throw new HoldfastError('forbidden', {
        detail: `that ${before.id} and ${person} are one person is for another person to say`,
      });
  };

  /** Who is to stand behind somebody: as named, or as the identity provider knows them. Undefined: as before. */
  const personWanted = ({
    person,
    login,
  }: OpParsed<Ops['updatePrincipal']>): string | undefined => {
    if (login === undefined) return person;
    if (person !== undefined)
      throw new HoldfastError('invalid_input', { detail: 'expected either person or login' });
    const { oidc } = context.profile.identity;
    if (oidc === null) throw new HoldfastError('login_not_configured');
    const { issuer, subject } = login;
    // A subject means something only together with its issuer: one letter more would be another person.
    if (issuer !== oidc.issuer)
      throw new HoldfastError('issuer_unknown', { issuer, expected: oidc.issuer });
    return principalIdOf(issuer, subject);
  };

  const change = async (
    input: OpParsed<Ops['updatePrincipal']>,
    caller: Principal,
  ): Promise<PrincipalRecord> => {
    const { id, role, state, name } = input;
    const person = personWanted(input);
    const found = await principals.find(id);
    if (found === undefined)
      throw new HoldfastError(
        RESERVED.has(id.toLowerCase()) ? 'principal_reserved' : 'principal_not_found',
        { id },
      );
    const before = found.record;
    requireMayManage(caller, before);
    if (role !== undefined) requireMayGrant(caller, role);
    if (person !== undefined && person !== before.person)
      await requireNeither(caller, before, person);
    const at = clock.iso();
    const after: PrincipalRecord = {
      ...before,
      role: role ?? before.role,
      state: state ?? before.state,
      name: name ?? before.name,
      person: person ?? before.person,
      updated_at: at,
    };
    if (CHANGEABLE.every((field) => after[field] === before[field])) return before;
    const ending = before.state === 'active' && after.state === 'disabled';
    await parts.commit(
      [
        principals.update(after, found.version),
        ...(ending ? [tokens.revokeAll(id, at), keys.revokeAll(id, at)] : []),
      ],
      [principalEvent(caller.id, after, before)],
    );
    return after;
  };

  return {
    createPrincipal,
    listPrincipals: async () => ({ items: await principals.list() }),
    async updatePrincipal(
      input: OpParsed<Ops['updatePrincipal']>,
      { principal: caller }: Call,
    ): Promise<PrincipalRecord> {
      requireCaller(caller);
      for (;;) {
        try {
          return await change(input, caller);
        } catch (error) {
          // Somebody changed it between: their change is looked at first.
          if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
        }
      }
    },
  };
};
