import {
  HoldfastError,
  type AccessToken,
  type identityOps,
  type OpParsed,
  type PrincipalRecord,
} from '@holdfast/contracts';
import { isStoreError } from '@holdfast/store';
import { loginFailedEvent, principalEvent, tokenIssuedEvent } from './identity-events.ts';
import type { IdentityParts } from './identity-parts.ts';
import { issueToken } from './issue-token.ts';
import { nameOf, principalIdOf, roleOf } from './oidc/claims.ts';
import { createLoginStates, LOGIN_TTL_S } from './oidc/login-states.ts';
import {
  createLoginSecrets,
  createOidcClient,
  type Claims,
  type OidcClient,
  type OidcSettings,
} from './oidc/oidc-client.ts';
import { isLoopbackUrl, unreachableReason } from './oidc/provider-fetch.ts';

type Ops = typeof identityOps;
const NOBODY = 'anonymous';

const fail = (detail: string, cause?: unknown): HoldfastError =>
  new HoldfastError('login_failed', { detail }, { cause });

/** What the provider said no with, as far as it is fit to be told: an error code (RFC 6749 sections 4.1.2.1 and 5.2). */
const reasonOf = (error: unknown): string => {
  const { error: code } = error as { readonly error?: unknown };
  return typeof code === 'string' && /^[a-z_]{1,50}$/.test(code)
    ? `the identity provider says ${code}`
    : 'what the identity provider answered is not valid';
};

/** Logins at an identity provider, which end with a session. */
export const loginHandlers = (parts: IdentityParts) => {
  const { context, principals, tokens } = parts;
  const { clock, profile, log } = context;
  const settings = profile.identity.oidc;
  const states = createLoginStates(context);
  let made: OidcClient | undefined;

  const configured = (): { readonly oidc: OidcSettings; readonly client: OidcClient } => {
    if (settings === null) throw new HoldfastError('login_not_configured');
    made ??= createOidcClient(settings, () => clock.now());
    return { oidc: settings, client: made };
  };

  const asRefusal = (error: unknown): HoldfastError => {
    const detail = unreachableReason(error);
    if (detail !== undefined)
      return new HoldfastError('login_provider_unavailable', { detail }, { cause: error });
    return fail(reasonOf(error), error);
  };

  /** The principal as of this login, and what has to be written for it. */
  const recordFor = async (oidc: OidcSettings, claims: Claims) => {
    const id = principalIdOf(oidc.issuer, claims.sub);
    const found = await principals.find(id);
    if (found?.record.state === 'disabled') throw fail(`${id} is disabled`);
    const role = roleOf(oidc, claims);
    if (role === undefined) throw fail(`no group of ${id} gives a role here`);
    const at = clock.iso();
    const before = found?.record;
    const made: PrincipalRecord = {
      id,
      kind: 'human',
      role,
      name: nameOf(claims),
      person: id,
      state: 'active',
      created_by: before?.created_by ?? id,
      created_at: before?.created_at ?? at,
      updated_at: at,
    };
    const record =
      before === undefined ? made : { ...before, role, name: made.name, updated_at: at };
    const changed = before?.role !== record.role || before.name !== record.name;
    const write =
      found === undefined ? principals.insert(record) : principals.update(record, found.version);
    return {
      record,
      statements: changed ? [write] : principals.stillActive(id),
      events: changed ? [principalEvent(id, record, before)] : [],
    };
  };

  const startSession = async (oidc: OidcSettings, claims: Claims) => {
    const { record, statements, events } = await recordFor(oidc, claims);
    const about: Omit<AccessToken, 'id' | 'revoked_at'> = {
      principal: record.id,
      label: 'login',
      scopes: ['*'],
      type: 'session',
      created_by: record.id,
      created_at: clock.iso(),
      expires_at: new Date(clock.now() + profile.identity.session_ttl_s * 1_000).toISOString(),
    };
    const { token, stored } = issueToken(about);
    await parts.commit(
      [...statements, ...tokens.insert(stored, undefined)],
      [...events, tokenIssuedEvent(record.id, stored.record, undefined)],
    );
    return { token, record: stored.record };
  };

  /** Two logins of one person at once, or a change of them between: looked at again. */
  const settle = async (oidc: OidcSettings, claims: Claims) => {
    for (;;) {
      try {
        return await startSession(oidc, claims);
      } catch (error) {
        const raced =
          isStoreError(error, 'WRITE_CONFLICT') || isStoreError(error, 'STORE_CONSTRAINT');
        if (!raced) throw error;
      }
    }
  };

  const finish = async (callbackUrl: string) => {
    const { oidc, client } = configured();
    const given = new URL(callbackUrl);
    const begun = await states.take(given.searchParams.get('state') ?? '');
    if (begun === undefined)
      throw fail(
        'this login was not begun here, was ended before, or took longer than ten minutes',
      );
    const callback = new URL(begun.redirect_uri);
    if (given.origin !== callback.origin || given.pathname !== callback.pathname)
      throw fail('it came back to another address than it was begun with');
    callback.search = given.search;
    try {
      const claims = await client.claimsOf(callback, begun).catch((error: unknown) => {
        throw asRefusal(error);
      });
      return await settle(oidc, claims);
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'login_failed') {
        log.info({ reason: error.message }, 'a login failed');
        await context.commit([], [loginFailedEvent(NOBODY, error.message)]);
      }
      throw error;
    }
  };

  return {
    async beginLogin({ redirect_uri }: OpParsed<Ops['beginLogin']>) {
      const { client } = configured();
      const redirect = new URL(redirect_uri);
      const plain = redirect.search === '' && redirect.hash === '' && redirect.username === '';
      // Whoever reads the redirect can end the login (RFC 8252 section 7.3): it stays on the caller's machine.
      if (redirect.protocol !== 'http:' || !isLoopbackUrl(redirect) || !plain)
        throw new HoldfastError('invalid_input', {
          detail: 'redirect_uri: expected http on 127.0.0.1, ::1 or localhost without a query',
        });
      const login = { ...createLoginSecrets(), redirect_uri: redirect.href };
      const authorization_url = await client
        .authorizationUrl(login.redirect_uri, login)
        .catch((error: unknown) => {
          throw asRefusal(error);
        });
      await states.put(login);
      return { authorization_url, state: login.state, expires_in_s: LOGIN_TTL_S };
    },
    finishLogin: ({ callback_url }: OpParsed<Ops['finishLogin']>) => finish(callback_url),
  };
};
