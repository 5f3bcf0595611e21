import {
  EVENT_TYPES,
  HoldfastError,
  decisionOps,
  hasRole,
  type ApproverKey,
  type identityOps,
  type Principal,
  type PrincipalRecord,
  type Role,
} from '@holdfast/contracts';
import type { Handler } from '@holdfast/sdk';
import type { IdentityContext, IdentityOptions, IdentityParts } from './identity-parts.ts';
import { introspectionHandlers } from './introspection.ts';
import { keyHandlers } from './key-handlers.ts';
import { createKeyStore } from './key-store.ts';
import { loginHandlers } from './login-handlers.ts';
import { principalHandlers } from './principal-handlers.ts';
import { createPrincipalStore } from './principal-store.ts';
import { createRevision } from './revision.ts';
import { tokenHandlers } from './token-handlers.ts';
import { createTokenStore } from './token-store.ts';
import { createVoices } from './voices.ts';

export type IdentityHandlers = {
  readonly [K in keyof typeof identityOps]: Handler<(typeof identityOps)[K]>;
};

/** Who may call: principals, their tokens, sessions and keys. */
export interface Identity {
  readonly handlers: IdentityHandlers;
  /** Who stands behind a principal: principals of one person count as one. Itself for the owner and for kernels. */
  personOf(principal: string): Promise<string>;
  /** Undefined for the owner, who has none, and for kernels and agents. */
  recordOf(principal: string): Promise<PrincipalRecord | undefined>;
  /** A key of theirs that counts now: confirmed, not revoked, and they are neither disabled nor below who may decide. */
  findKey(principal: string, keyId: string): Promise<ApproverKey | undefined>;
  /**
   * The persons, other than the principal's own, who made the token with which the principal registered this key: what it
   * signs may be their word.
   */
  makersOfKey(principal: string, keyId: string): Promise<string[]>;
  /** The principals who made a token, and the tokens that it was made with; nobody where it is not on record any more. */
  makersOfToken(token: string): Promise<string[]>;
  /** The principals, other than the caller, who made the token of a call: what it asks for may be their word. */
  makersOfCall(caller: Principal): Promise<string[]>;
}

/** After these an approval that was given may count for more or less than before. */
const VOICE_EVENTS: readonly string[] = [EVENT_TYPES.principalChanged, EVENT_TYPES.keyChanged];

/** What giving an approval takes; one that was given counts as long as its giver could give it. */
const DECIDING_ROLE = decisionOps.approveChange.role as Role;

export const createIdentity = (
  context: IdentityContext,
  options: IdentityOptions = {},
): Identity => {
  const principals = createPrincipalStore(context);
  const tokens = createTokenStore(context);
  const keys = createKeyStore(context);
  const revision = createRevision(context);

  const record: NonNullable<IdentityOptions['onTripwire']> = async (principal, detail) => {
    const type = EVENT_TYPES.tripwireAlert;
    const data = { rule: 'T12', principal: principal.id, detail };
    await context.commit(
      [],
      [{ type, subject: 'identity', actor: principal.id, priority: 'critical', data }],
    );
  };

  const parts: IdentityParts = {
    context,
    principals,
    tokens,
    keys,
    revision,
    voices: createVoices(principals, tokens),
    async commit(statements, events) {
      await context.commit([...statements, revision.bump], events);
      if (events.some(({ type }) => VOICE_EVENTS.includes(type))) options.onVoices?.();
      await revision.announce();
    },
    async refuseTripwire(principal, detail) {
      await (options.onTripwire ?? record)(principal, detail);
      throw new HoldfastError('tripwire', { detail });
    },
  };

  return {
    handlers: {
      ...principalHandlers(parts),
      ...tokenHandlers(parts),
      ...keyHandlers(parts),
      ...loginHandlers(parts),
      ...introspectionHandlers(parts),
    },
    personOf: (id) => principals.personOf(id),
    recordOf: async (id) => (await principals.find(id))?.record,
    async findKey(principal, keyId) {
      const key = await keys.find(keyId);
      if (key === undefined || key.principal !== principal || key.state !== 'active')
        return undefined;
      const subject = await principals.subject(principal);
      if (subject?.state !== 'active') return undefined;
      return hasRole(subject, DECIDING_ROLE) ? key : undefined;
    },
    makersOfToken: (token) => tokens.makers(token),
    async makersOfCall({ id, token }) {
      const makers = token === undefined ? [] : await tokens.makers(token);
      return makers.filter((maker) => maker !== id);
    },
    async makersOfKey(principal, keyId) {
      const key = await keys.find(keyId);
      if (key?.principal !== principal) return [];
      const makers = await keys.makers(keyId);
      const persons = new Set(await Promise.all(makers.map((id) => principals.personOf(id))));
      persons.delete(await principals.personOf(principal));
      return [...persons].toSorted();
    },
  };
};
