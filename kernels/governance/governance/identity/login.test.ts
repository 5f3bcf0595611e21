import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Principal, Profile } from '@holdfast/contracts';
import { createFakeClock, testProfile, type FakeClock } from '@holdfast/testkit';
import { createLoginSecrets, createOidcClient } from './oidc/oidc-client.ts';
import { unreachableReason } from './oidc/provider-fetch.ts';
import {
  comeBackFrom,
  startEvilProvider,
  type EvilProvider,
} from './test-support/evil-provider.ts';
import { createIdentityWorld, refusal, type IdentityWorld } from './test-support/identity-world.ts';
import {
  CLIENT_ID,
  REDIRECT_URI,
  startRealProvider,
  type RealProvider,
} from './test-support/real-provider.ts';

type Oidc = NonNullable<Profile['identity']['oidc']>;
const nobody: Principal = { id: 'anonymous', kind: 'human', role: 'viewer' };
const SESSION_TTL_S = 3_600;

const profileFor = (issuer: string, more: Partial<Oidc> = {}): Profile =>
  testProfile({
    identity: {
      session_ttl_s: SESSION_TTL_S,
      oidc: {
        issuer,
        client_id: CLIENT_ID,
        scopes: ['openid', 'profile'],
        role_claim: 'groups',
        roles: { readers: 'viewer', crew: 'operator', admins: 'admin' },
        ...more,
      },
    },
  });

let world: IdentityWorld;
let clock: FakeClock;
const open = async (profile: Profile, home?: string): Promise<void> => {
  world = await createIdentityWorld({ clock, profile, ...(home === undefined ? {} : { home }) });
};
const begin = () => world.as(nobody).beginLogin({ redirect_uri: REDIRECT_URI });
const finish = (callback_url: string) => world.as(nobody).finishLogin({ callback_url });

beforeEach(() => {
  clock = createFakeClock(Date.now());
});
afterEach(() => world.world.close());

describe('a login at a provider', () => {
  let provider: RealProvider;
  beforeAll(async () => {
    provider = await startRealProvider();
    provider.groups.set('ann', ['people', 'readers', 'admins', 'crew']);
    provider.groups.set('bob', ['readers']);
    provider.groups.set('eve', ['people']);
  });
  afterAll(() => provider.close());
  beforeEach(() => open(profileFor(provider.issuer)));

  const logIn = async (login: string): Promise<string> =>
    provider.logIn((await begin()).authorization_url, login);

  it('ends with a session of somebody with the highest role that their groups give', async () => {
    const { authorization_url, state, expires_in_s } = await begin();
    expect(expires_in_s).toBe(600);
    const asked = new URL(authorization_url).searchParams;
    expect(asked.get('state')).toBe(state);
    expect(asked.get('code_challenge_method')).toBe('S256');
    const { token, record } = await finish(await provider.logIn(authorization_url, 'ann'));
    expect(record).toMatchObject({ type: 'session', scopes: ['*'] });
    expect(Date.parse(record.expires_at)).toBe(clock.now() + SESSION_TTL_S * 1_000);
    const principal = await world.who(token);
    expect(principal).toMatchObject({ kind: 'human', role: 'admin', token: record.id });
    expect(principal.id).toMatch(/^oidc:[0-9a-f]{40}$/);
    expect(await world.identity.recordOf(principal.id)).toMatchObject({
      name: 'Name of ann',
      person: principal.id,
      role: 'admin',
    });
    const started = await world.world.waitForEvent(
      ({ type }) => type === 'identity.session.started',
    );
    expect(started.actor).toBe(principal.id);
    expect(JSON.stringify(world.world.events)).not.toContain(token.slice(-43));
  });

  it('keeps one principal of one subject over logins, and follows their groups', async () => {
    const first = await world.who((await finish(await logIn('bob'))).token);
    provider.groups.set('bob', ['crew']);
    const second = await world.who((await finish(await logIn('bob'))).token);
    provider.groups.set('bob', ['readers']);
    expect(second).toMatchObject({ id: first.id, role: 'operator' });
    expect(first.role).toBe('viewer');
    const other = await world.who((await finish(await logIn('ann'))).token);
    expect(other.id).not.toBe(first.id);
    expect((await world.owner.listPrincipals({})).items).toHaveLength(2);
  });

  it('takes in one person who logs in twice at a time', async () => {
    const callbacks = [await logIn('ann'), await logIn('ann'), await logIn('ann')];
    const sessions = await Promise.all(callbacks.map(finish));
    const ids = await Promise.all(sessions.map(async ({ token }) => (await world.who(token)).id));
    expect(new Set(ids).size).toBe(1);
  });

  it('is one person with the name that it was linked to, before or after it is the first time', async () => {
    await world.add('ann', 'admin');
    const login = { issuer: provider.issuer, subject: 'ann' };
    const linked = await world.owner.updatePrincipal({ id: 'ann', login });
    const { id } = await world.who((await finish(await logIn('ann'))).token);
    expect(linked.person).toBe(id);
    expect(await world.identity.personOf('ann')).toBe(await world.identity.personOf(id));
    const bob = await world.who((await finish(await logIn('bob'))).token);
    await world.add('bob', 'operator');
    await world.owner.updatePrincipal({ id: 'bob', login: { ...login, subject: 'bob' } });
    expect(await world.identity.personOf('bob')).toBe(bob.id);
  });

  it('is linked by the provider of the profile alone, and by somebody who is neither', async () => {
    const ann = await world.add('ann', 'admin');
    const login = { issuer: provider.issuer, subject: 'ann' };
    const link = (more: object) => refusal(world.owner.updatePrincipal({ id: 'ann', ...more }));
    const elsewhere = { ...login, issuer: `${provider.issuer}/` };
    expect(await link({ login: elsewhere })).toBe('issuer_unknown');
    expect(await link({ login, person: 'bob' })).toBe('invalid_input');
    expect(await refusal(world.as(ann).updatePrincipal({ id: 'ann', login }))).toBe('forbidden');
    expect((await world.identity.recordOf('ann'))?.person).toBe('ann');
  });

  it('ends the session by logging out', async () => {
    const { token } = await finish(await logIn('ann'));
    await world.as(await world.who(token)).logout({});
    expect(await refusal(world.who(token))).toBe('forbidden');
    await world.world.waitForEvent(({ type }) => type === 'identity.session.ended');
  });

  it('refuses a state that it did not make, and records nothing of it', async () => {
    const callback = new URL(await logIn('ann'));
    callback.searchParams.set('state', 'of-somebody-else');
    expect(await refusal(finish(callback.href))).toBe('login_failed');
    expect(world.world.events).toEqual([]);
  });

  it('refuses the state of another login', async () => {
    const callback = new URL(await logIn('ann'));
    callback.searchParams.set('state', (await begin()).state);
    expect(await refusal(finish(callback.href))).toBe('login_failed');
    const event = await world.world.waitForEvent(({ type }) => type === 'identity.login.failed');
    expect(event.actor).toBe('anonymous');
  });

  it('refuses a callback that was used before, also while it is being used', async () => {
    const callback = await logIn('ann');
    const codes = await Promise.all([1, 2, 3].map(() => refusal(finish(callback))));
    expect(codes.toSorted()).toEqual(['login_failed', 'login_failed', 'not refused']);
    expect(await refusal(finish(callback))).toBe('login_failed');
  });

  it('refuses a callback to another address than the login was begun with', async () => {
    const callback = (await logIn('ann')).replace('/callback', '/elsewhere');
    expect(await refusal(finish(callback))).toBe('login_failed');
  });

  it('refuses a login after ten minutes', async () => {
    const callback = await logIn('ann');
    await clock.advance(600_000);
    expect(await refusal(finish(callback))).toBe('login_failed');
  });

  it('goes on with a login that was begun before a restart', async () => {
    const callback = await logIn('ann');
    const { home } = world.world;
    await world.world.close({ keep: true });
    await open(profileFor(provider.issuer), home);
    expect((await world.who((await finish(callback)).token)).role).toBe('admin');
  });

  it('refuses somebody whose groups give no role, and takes them in where there is a default', async () => {
    expect(await refusal(finish(await logIn('eve')))).toBe('login_failed');
    expect((await world.owner.listPrincipals({})).items).toEqual([]);
    await world.world.close();
    await open(profileFor(provider.issuer, { default_role: 'viewer' }));
    expect((await world.who((await finish(await logIn('eve'))).token)).role).toBe('viewer');
  });

  it('refuses somebody who is disabled', async () => {
    const { token } = await finish(await logIn('bob'));
    const { id } = await world.who(token);
    await world.owner.updatePrincipal({ id, state: 'disabled' });
    expect(await refusal(world.who(token))).toBe('forbidden');
    expect(await refusal(finish(await logIn('bob')))).toBe('login_failed');
    expect((await world.identity.recordOf(id))?.state).toBe('disabled');
  });

  it('passes on why the provider refused', async () => {
    const { state } = await begin();
    const callback = `${REDIRECT_URI}?error=access_denied&state=${state}&iss=${encodeURIComponent(provider.issuer)}`;
    await expect(finish(callback)).rejects.toMatchObject({
      code: 'login_failed',
      details: { detail: 'the identity provider says access_denied' },
    });
  });

  it.each([
    'https://example.org/callback',
    'http://192.0.2.1/callback',
    'http://127.0.0.1.example.org/callback',
    'http://127.0.0.1:1/callback?next=x',
    'http://user@127.0.0.1:1/callback',
    'ftp://127.0.0.1/callback',
  ])('comes back to this machine only, not to %s', async (redirect_uri) => {
    expect(await refusal(world.as(nobody).beginLogin({ redirect_uri }))).toBe('invalid_input');
  });
});

describe('a provider that is not what it should be', () => {
  let evil: EvilProvider;
  beforeEach(async () => {
    evil = await startEvilProvider(CLIENT_ID);
    await open(profileFor(evil.issuer));
  });
  afterEach(() => evil.close());

  const attempt = async (): Promise<string> => {
    const { authorization_url } = await begin();
    return refusal(finish(comeBackFrom(evil, authorization_url, REDIRECT_URI)));
  };

  it('is believed as long as its token is right', async () => {
    expect(await attempt()).toBe('not refused');
  });

  it.each<[string, EvilProvider['idToken']]>([
    ['without a signature', (honest, sign) => sign(honest, 'none')],
    ['signed by a key that is not its own', (honest, sign) => sign(honest, 'foreign')],
    ['for another client', (honest, sign) => sign({ ...honest, aud: 'another' }, 'own')],
    ['of another issuer', (honest, sign) => sign({ ...honest, iss: 'https://a.example' }, 'own')],
    ['for another login', (honest, sign) => sign({ ...honest, nonce: 'another' }, 'own')],
    ['that is over', (honest, sign) => sign({ ...honest, exp: 1, iat: 0 }, 'own')],
    ['that is none', async () => 'x.y.z'],
    [
      'that was changed after it was signed',
      async (honest, sign) => {
        const [head, , signature] = (await sign(honest, 'own')).split('.');
        const body = Buffer.from(JSON.stringify({ ...honest, sub: 'root' })).toString('base64url');
        return `${head}.${body}.${signature}`;
      },
    ],
  ])('gets nobody in by an ID token %s', async (_, idToken) => {
    evil.idToken = idToken;
    expect(await attempt()).toBe('login_failed');
    expect((await world.owner.listPrincipals({})).items).toEqual([]);
  });

  it.each<[string, (evil: EvilProvider) => void]>([
    ['is out of order', (one) => (one.status = 503)],
    ['answers without an end', (one) => (one.padding = 2 * 1024 * 1024)],
  ])('is told from a refusal when it %s', async (_, spoil) => {
    spoil(evil);
    expect(await refusal(begin())).toBe('login_provider_unavailable');
    Object.assign(evil, { status: 200, padding: 0 });
    expect(await attempt()).toBe('not refused');
  });

  it('is told from a refusal when it is gone, before and in the middle of a login', async () => {
    const { authorization_url } = await begin();
    const callback = comeBackFrom(evil, authorization_url, REDIRECT_URI);
    await evil.close();
    expect(await refusal(finish(callback))).toBe('login_provider_unavailable');
    const { home } = world.world;
    await world.world.close({ keep: true });
    await open(profileFor(evil.issuer), home);
    expect(await refusal(begin())).toBe('login_provider_unavailable');
  });

  it('is given up on when it keeps silent', async () => {
    evil.silent = true;
    const { oidc } = profileFor(evil.issuer).identity;
    const impatient = createOidcClient(oidc!, () => clock.now(), 0.2);
    const asked = impatient.authorizationUrl(REDIRECT_URI, createLoginSecrets());
    const reason = await asked.then(() => 'an answer', unreachableReason);
    expect(reason).toBe('no answer in time');
  });

  it('is not believed when it says that it is somebody else', async () => {
    evil.claimedIssuer = 'https://accounts.example';
    expect(await refusal(begin())).toBe('login_failed');
  });
});

describe('a profile', () => {
  it.each([
    ['names no provider', testProfile(), 'login_not_configured'],
    [
      'names one in clear text elsewhere',
      profileFor('http://192.0.2.1'),
      'login_provider_unavailable',
    ],
  ])('that %s logs nobody in', async (_, profile, code) => {
    await open(profile);
    expect(await refusal(begin())).toBe(code);
  });
});
