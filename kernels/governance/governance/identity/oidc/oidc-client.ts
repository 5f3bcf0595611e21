import { createHash, randomBytes } from 'node:crypto';
import type { Profile } from '@holdfast/contracts';
import type { Configuration, CustomFetch } from 'openid-client';
import { isSafeUrl, ProviderUnreachable, providerFetch } from './provider-fetch.ts';

export type OidcSettings = NonNullable<Profile['identity']['oidc']>;
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** What has to be kept between the two halves of a login. */
export interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The two halves of a login by code with PKCE (OpenID Connect Core section 3.1, RFC 7636). */
export interface OidcClient {
  authorizationUrl(redirectUri: string, secrets: LoginSecrets): Promise<string>;
  /** What the provider says about who came back. Rejects with whatever is wrong with the answer. */
  claimsOf(callback: URL, secrets: LoginSecrets): Promise<Claims>;
}

const TIMEOUT_S = 5;
/** How long what the provider says about itself is believed. */
const KNOWN_MS = 60 * 60 * 1_000;

export const createLoginSecrets = (): LoginSecrets => ({
  state: randomBytes(32).toString('base64url'),
  nonce: randomBytes(32).toString('base64url'),
  verifier: randomBytes(32).toString('base64url'),
});

const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** `now` in milliseconds. The library and the provider are looked up at the first login, not at the start. */
export const createOidcClient = (
  settings: OidcSettings,
  now: () => number,
  timeoutS = TIMEOUT_S,
): OidcClient => {
  const issuer = new URL(settings.issuer);
  let known: { readonly until: number; readonly config: Promise<Configuration> } | undefined;

  const discover = async (): Promise<Configuration> => {
    if (!isSafeUrl(issuer))
      throw new ProviderUnreachable(`${issuer.origin} is neither https nor on this machine`);
    const oidc = await import('openid-client');
    const { client_secret_env } = settings;
    const secret = client_secret_env === undefined ? undefined : process.env[client_secret_env];
    const auth: import('openid-client').ClientAuth = (server, client, body, headers) => {
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
      if (secret === undefined) return oidc.None()(server, client, body, headers);
      return methods.includes('client_secret_basic')
        ? oidc.ClientSecretBasic(secret)(server, client, body, headers)
        : oidc.ClientSecretPost(secret)(server, client, body, headers);
    };
    return oidc.discovery(issuer, settings.client_id, {}, auth, {
      timeout: timeoutS,
      [oidc.customFetch]: providerFetch as CustomFetch,
      // The signature of the ID token is checked too: http on this machine has no TLS to vouch for it.
      execute: [
        oidc.enableNonRepudiationChecks,
        ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
      ],
    });
  };

  const configuration = (): Promise<Configuration> => {
    if (known !== undefined && now() < known.until) return known.config;
    const asked = { until: now() + KNOWN_MS, config: discover() };
    known = asked;
    asked.config.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked.config;
  };

  return {
    async authorizationUrl(redirect_uri, { state, nonce, verifier }) {
      const config = await configuration();
      const { buildAuthorizationUrl } = await import('openid-client');
      return buildAuthorizationUrl(config, {
        redirect_uri,
        scope: settings.scopes.join(' '),
        state,
        nonce,
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async claimsOf(callback, { state, nonce, verifier }) {
      const config = await configuration();
      const { authorizationCodeGrant, fetchUserInfo } = await import('openid-client');
      const tokens = await authorizationCodeGrant(config, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims: Claims = { ...tokens.claims()! };
      const isComplete = claims[settings.role_claim] !== undefined;
      if (isComplete || config.serverMetadata().userinfo_endpoint === undefined) return claims;
      return { ...(await fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
    },
  };
};
