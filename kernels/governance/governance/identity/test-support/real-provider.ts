import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { createCookieJar } from './cookie-jar.ts';

export const CLIENT_ID = 'holdfast';
export const REDIRECT_URI = 'http://127.0.0.1:49152/callback';

export interface RealProvider {
  readonly issuer: string;
  /** Groups by login name; whoever is not here has no `groups` claim. */
  readonly groups: Map<string, string[]>;
  /** Goes through the provider's login and consent pages; answers the address that it sends the browser to. */
  logIn(authorizationUrl: string, login: string): Promise<string>;
  close(): Promise<void>;
}

const MOST_PAGES = 12;

/** An OpenID provider on this machine, with the pages that it has for developers. */
export const startRealProvider = async (): Promise<RealProvider> => {
  const groups = new Map<string, string[]>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT_ID,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    cookies: { keys: ['a key of these tests'] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        name: `Name of ${id}`,
        ...(groups.has(id) ? { groups: groups.get(id) } : {}),
      }),
    }),
  });
  server.on('request', provider.callback());

  const logIn: RealProvider['logIn'] = async (authorizationUrl, login) => {
    const jar = createCookieJar();
    let url = new URL(authorizationUrl);
    let form: URLSearchParams | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const response = await fetch(url, {
        method: form === undefined ? 'GET' : 'POST',
        body: form ?? null,
        headers: { cookie: jar.header(url.pathname) },
        redirect: 'manual',
      });
      jar.keep(response.headers.getSetCookie());
      form = undefined;
      const text = await response.text();
      const next = response.headers.get('location');
      if (next !== null) {
        url = new URL(next, url);
        if (url.origin !== issuer) return url.href;
        continue;
      }
      const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1];
      const action = /action="([^"]+)"/.exec(text)?.[1];
      if (prompt === undefined || action === undefined)
        throw new Error(`the provider answered ${response.status}: ${text.slice(0, 500)}`);
      url = new URL(action, url);
      form = new URLSearchParams({ prompt, login, password: 'any' });
    }
    throw new Error('the login never ends');
  };

  return {
    issuer,
    groups,
    logIn,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
