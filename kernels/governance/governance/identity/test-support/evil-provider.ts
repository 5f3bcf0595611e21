import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';

export interface EvilProvider {
  readonly issuer: string;
  /** Makes the ID token that it answers next. */
  idToken: (honest: JWTPayload, sign: Sign) => Promise<string>;
  /** Answers every request with this status; 200: as it should. */
  status: number;
  /** Claims to be somebody else in its discovery document. */
  claimedIssuer: string | undefined;
  /** Bytes of nothing before its discovery document. */
  padding: number;
  /** Never answers. */
  silent: boolean;
  close(): Promise<void>;
}

type Sign = (claims: JWTPayload, key: 'own' | 'foreign' | 'none') => Promise<string>;

/** An identity provider that says what a test wants. It gives a code to whoever asks. */
export const startEvilProvider = async (clientId: string): Promise<EvilProvider> => {
  const own = await generateKeyPair('ES256');
  const foreign = await generateKeyPair('ES256');
  const sign: Sign = async (claims, key) =>
    key === 'none'
      ? new UnsecuredJWT(claims).encode()
      : new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', kid: 'one' })
          .sign((key === 'own' ? own : foreign).privateKey);
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'ES256' }] };

  const server = createServer((request, response) => {
    request.resume();
    if (evil.silent) return;
    const answer = (value: unknown, padding = 0): void => {
      response.writeHead(evil.status, { 'content-type': 'application/json' });
      response.end(' '.repeat(padding) + JSON.stringify(value));
    };
    const { pathname } = new URL(request.url ?? '', 'http://evil');
    if (pathname === '/jwks') return answer(jwks);
    if (pathname !== '/token')
      return answer(
        {
          issuer: evil.claimedIssuer ?? evil.issuer,
          authorization_endpoint: `${evil.issuer}/auth`,
          token_endpoint: `${evil.issuer}/token`,
          jwks_uri: `${evil.issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['ES256', 'none'],
          code_challenge_methods_supported: ['S256'],
        },
        evil.padding,
      );
    const now = Math.floor(Date.now() / 1_000);
    const honest = {
      iss: evil.issuer,
      aud: clientId,
      sub: 'mallory',
      nonce: evil.nonce,
      iat: now,
      exp: now + 300,
      groups: ['admins'],
    };
    void evil
      .idToken(honest, sign)
      .then((id_token) => answer({ access_token: 'x', token_type: 'Bearer', id_token }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const evil = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nonce: '',
    idToken: ((honest, make) => make(honest, 'own')) as EvilProvider['idToken'],
    status: 200,
    claimedIssuer: undefined as string | undefined,
    padding: 0,
    silent: false,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return evil;
};

/** What a browser would bring back from it. */
export const comeBackFrom = (
  evil: EvilProvider,
  authorizationUrl: string,
  redirectUri: string,
): string => {
  const asked = new URL(authorizationUrl).searchParams;
  (evil as { nonce?: string }).nonce = asked.get('nonce')!;
  const back = new URL(redirectUri);
  back.search = new URLSearchParams({ code: 'any', state: asked.get('state')! }).toString();
  return back.href;
};
