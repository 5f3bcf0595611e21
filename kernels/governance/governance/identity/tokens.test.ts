import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  allApis,
  hasRole,
  kernelPrincipal,
  mayCall,
  TOKEN_PATTERN,
  type Principal,
} from '@holdfast/contracts';
import { createFakeClock, type FakeClock } from '@holdfast/testkit';
import { checkScopes } from './scopes.ts';
import { MOST_TOKENS } from './token-store.ts';
import { createIdentityWorld, refusal, type IdentityWorld } from './test-support/identity-world.ts';

let world: IdentityWorld;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  world = await createIdentityWorld({ clock });
});
afterEach(() => world.world.close());

/** Calls as whoever a token belongs to, the way that the gateway passes it on. */
const by = async (token: string) => world.as(await world.who(token));

describe('tokens', () => {
  it('shows a token once and keeps no more than a digest of it', async () => {
    const ann = await world.add('ann', 'operator');
    const { token, record } = await world.as(ann).createToken({ label: 'ci', scopes: ['read'] });
    const [, id, secret] = TOKEN_PATTERN.exec(token)!;
    expect(record).toMatchObject({ id, principal: 'ann', label: 'ci', scopes: ['read'] });
    expect(await world.who(token)).toEqual({
      id: 'ann',
      kind: 'human',
      role: 'operator',
      scopes: ['read'],
      token: id,
    });
    const event = await world.world.waitForEvent(({ type }) => type === 'identity.token.issued');
    expect(event).toMatchObject({ actor: 'ann', subject: `tokens/${id}` });
    expect(JSON.stringify([world.world.events, await world.as(ann).listTokens({})])).not.toContain(
      secret,
    );
  });

  it.each([
    ['another secret', (token: string) => `${token.slice(0, -43)}${'A'.repeat(43)}`],
    ['an id that is none', (token: string) => token.replace(/^hft_./, 'hft_z')],
  ])('takes no token with %s', async (_, spoil) => {
    const { token } = await world.owner.createToken({});
    expect(await refusal(world.who(spoil(token)))).toBe('forbidden');
  });

  it('ends with its time', async () => {
    const { token } = await world.owner.createToken({ expires_in_s: 60 });
    await clock.advance(59_999);
    expect(await world.who(token)).toMatchObject({ id: 'owner', role: 'owner' });
    await clock.advance(1);
    expect(await refusal(world.who(token))).toBe('forbidden');
  });

  it('ends when it is revoked, with what was made with it, and says so once', async () => {
    const ann = await world.add('ann', 'admin');
    const { token, record } = await world.as(ann).createToken({});
    const child = await (await by(token)).createToken({});
    const grandchild = await (await by(child.token)).createToken({});
    const other = await world.as(ann).createToken({});
    await world.add('bob', 'admin');
    const given = await (await by(token)).createToken({ principal: 'bob' });
    const back = await (await by(given.token)).createToken({ principal: 'ann' });

    const ended = await world.as(ann).revokeToken({ id: record.id });
    expect(ended.revoked_at).not.toBeNull();
    for (const gone of [token, child.token, grandchild.token, given.token, back.token])
      expect(await refusal(world.who(gone))).toBe('forbidden');
    expect(await refusal(world.who(other.token))).toBe('not refused');
    expect(await world.as(ann).revokeToken({ id: record.id })).toEqual(ended);
    await world.owner.revokeToken({ id: other.record.id });
    await world.world.waitForEvent(({ subject }) => subject === `tokens/${other.record.id}`);
    const revocations = world.world.events.filter(({ type }) => type === 'identity.token.revoked');
    expect(revocations.map(({ subject }) => subject)).toEqual([
      `tokens/${record.id}`,
      `tokens/${other.record.id}`,
    ]);
  });

  it('makes nothing with a token that is being revoked at that moment', async () => {
    const ann = await world.add('ann', 'operator');
    const { token, record } = await world.as(ann).createToken({});
    const caller = await by(token);
    const made = await Promise.allSettled([
      ...Array.from({ length: 10 }, () => caller.createToken({})),
      world.as(ann).revokeToken({ id: record.id }),
      ...Array.from({ length: 10 }, () => caller.createToken({})),
    ]);
    const left = made.filter((one) => one.status === 'fulfilled' && 'token' in one.value);
    const codes = await Promise.all(
      left.map((one) =>
        refusal(world.who((one as PromiseFulfilledResult<{ token: string }>).value.token)),
      ),
    );
    expect(codes).toEqual(codes.map(() => 'forbidden'));
    expect(await refusal(caller.createToken({}))).toBe('forbidden');
  });

  it('gives a token no longer life than the token that it is made with', async () => {
    const first = await world.owner.createToken({ expires_in_s: 3_600 });
    const second = await (await by(first.token)).createToken({ expires_in_s: 86_400 });
    expect(second.record.expires_at).toBe(first.record.expires_at);
    await world.add('ann', 'viewer');
    const given = await (
      await by(first.token)
    ).createToken({ principal: 'ann', expires_in_s: 7_200 });
    expect(given.record.expires_at).toBe(first.record.expires_at);
  });

  it('ends what somebody who is disabled made for others', async () => {
    const ann = await world.add('ann', 'admin');
    await world.add('bob', 'viewer');
    const { token } = await world.as(ann).createToken({});
    const given = await (await by(token)).createToken({ principal: 'bob' });
    const own = await world.owner.createToken({ principal: 'bob' });
    await world.owner.updatePrincipal({ id: 'ann', state: 'disabled' });
    expect(await refusal(world.who(given.token))).toBe('forbidden');
    expect(await refusal(world.who(own.token))).toBe('not refused');
  });

  it('are so many for one principal at a time, of those that are good', async () => {
    const ann = await world.add('ann', 'operator');
    const make = (expires_in_s = 3_600) => world.as(ann).createToken({ expires_in_s });
    await make(60);
    const { record } = await make();
    const codes = await Promise.all(Array.from({ length: MOST_TOKENS }, () => refusal(make())));
    expect(codes.filter((code) => code === 'token_limit')).toHaveLength(2);
    expect(await refusal(world.owner.createToken({ principal: 'ann' }))).toBe('token_limit');
    expect(await refusal(world.owner.createToken({}))).toBe('not refused');
    await world.as(ann).revokeToken({ id: record.id });
    await clock.advance(60_000);
    expect([await refusal(make()), await refusal(make()), await refusal(make())]).toEqual([
      'not refused',
      'not refused',
      'token_limit',
    ]);
  });

  it('lets an admin make tokens for those who are not above them, and nobody else', async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'operator');
    expect((await world.as(ann).createToken({ principal: 'bob' })).record).toMatchObject({
      principal: 'bob',
      created_by: 'ann',
    });
    expect(await refusal(world.as(bob).createToken({ principal: 'ann' }))).toBe('forbidden');
    expect(await refusal(world.as(ann).createToken({ principal: 'owner' }))).toBe('forbidden');
    expect(await refusal(world.as(ann).createToken({ principal: 'nobody' }))).toBe(
      'principal_not_found',
    );
    const bot = await world.add('bot', 'admin', 'ai');
    expect(await refusal(world.as(bot).createToken({ principal: 'bob' }))).toBe('tripwire');
    expect(await refusal(world.as(bot).createToken({}))).toBe('not refused');
  });

  it('shows and ends the tokens of others to admins only', async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'operator');
    const cid = await world.add('cid', 'viewer');
    const { record } = await world.as(bob).createToken({});
    const mine = await world.owner.createToken({});
    expect((await world.as(cid).listTokens({})).items).toEqual([]);
    expect(await refusal(world.as(cid).listTokens({ principal: 'bob' }))).toBe('forbidden');
    expect((await world.as(ann).listTokens({})).items).toHaveLength(2);
    expect((await world.as(ann).listTokens({ principal: 'bob' })).items).toEqual([record]);
    expect(await refusal(world.as(cid).revokeToken({ id: record.id }))).toBe('token_not_found');
    expect(await refusal(world.as(ann).revokeToken({ id: mine.record.id }))).toBe('forbidden');
    expect(await refusal(world.as(ann).revokeToken({ id: record.id }))).toBe('not refused');
  });

  it('logs out of the token that was sent, and of nothing without one', async () => {
    const ann = await world.add('ann', 'viewer');
    const { token, record } = await world.as(ann).createToken({});
    expect(await refusal(world.as(ann).logout({}))).toBe('token_not_found');
    expect((await (await by(token)).logout({})).id).toBe(record.id);
    expect(await refusal(world.who(token))).toBe('forbidden');
  });

  it('follows the role of its principal', async () => {
    const ann = await world.add('ann', 'admin');
    const { token } = await world.as(ann).createToken({});
    await world.owner.updatePrincipal({ id: 'ann', role: 'viewer' });
    expect((await world.who(token)).role).toBe('viewer');
  });
});

const kernels = [...new Set(allApis.map(({ kernel }) => kernel))];
const opNames = allApis.flatMap(({ ops }) =>
  Object.entries(ops)
    .filter(([, { role }]) => role !== 'internal' && role !== 'anyone')
    .map(([name]) => name),
);
const isHardRule = (name: string): boolean => /tripwire/i.test(name);
const scope = fc.oneof(
  fc.constantFrom('*', 'read'),
  fc
    .tuple(fc.constantFrom(...kernels), fc.constantFrom('*', 'read'))
    .map(([kernel, part]) => `${kernel}:${part}`),
  fc.constantFrom(...opNames.filter((name) => !isHardRule(name))).map((name) => `op:${name}`),
);
const scopes = fc.uniqueArray(scope, { minLength: 1, maxLength: 4 });

const callable = (principal: Principal): string[] =>
  allApis.flatMap(({ kernel, ops }) =>
    Object.entries(ops)
      .filter(([name, op]) => mayCall(principal, { kernel, name, op }))
      .map(([name]) => `${kernel}.${name}`),
  );

describe('scopes', () => {
  it.each([
    [['*']],
    [['read']],
    [['governance:*', 'op:listHosts']],
    [['immutable_log:read', 'op:approveChange']],
  ])('knows %j', (known) => {
    expect(checkScopes(known, undefined)).toEqual(known.toSorted());
  });

  it.each([
    '',
    'write',
    'governance',
    'governance:write',
    'nobody:*',
    'op:nothing',
    'op:*',
    'Op:getChange',
    'op:introspectToken',
    'op:constructor',
  ])('refuses %j', async (unknown) => {
    const token = world.owner.createToken({ scopes: ['read', unknown] });
    expect(await refusal(token)).toBe('scope_invalid');
  });

  it.each([
    'tripwire',
    'op:releaseTripwire',
    'op:listTripwireCases',
    'Trip-Wires:*',
    'tripwire:read',
  ])(
    'refuses %j as an attempt on the hard rules, whoever asks, and records it',
    async (reaching) => {
      const token = world.owner.createToken({ scopes: ['*', reaching] });
      expect(await refusal(token)).toBe('tripwire');
      const event = await world.world.waitForEvent(
        ({ type }) => type === 'governance.tripwire.alert',
      );
      expect(event).toMatchObject({ actor: 'owner', data: { principal: 'owner' } });
    },
  );

  it('never lets a token that was made with another call what that one may not', async () => {
    let made = 0;
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'operator');
    await fc.assert(
      fc.asyncProperty(
        scopes,
        scopes,
        fc.constantFrom('ann', 'bob'),
        async (held, wanted, whom) => {
          const maker: Principal = { ...ann, scopes: held };
          const attempt = await world.identity.handlers
            .createToken(
              { principal: whom, label: '', scopes: wanted, expires_in_s: 3_600 },
              { principal: maker, signal: new AbortController().signal },
            )
            .catch(() => undefined);
          if (attempt === undefined) return;
          made += 1;
          const derived = await world.who(attempt.token);
          expect(derived.role).toBe(whom === 'ann' ? ann.role : bob.role);
          const allowed = new Set(callable(maker));
          expect(callable(derived).filter((name) => !allowed.has(name))).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
    expect(made).toBeGreaterThan(20);
  });

  it('hands on what a token has in full, and every part of it', () => {
    fc.assert(
      fc.property(scopes, (held) => {
        expect(checkScopes(held, held)).toEqual(held.toSorted());
        for (const one of held) expect(checkScopes([one], held)).toEqual([one]);
      }),
    );
  });

  it('gives kernels and agents no role by which a scope could count', () => {
    expect(hasRole(kernelPrincipal('governance'), 'viewer')).toBe(false);
  });
});
