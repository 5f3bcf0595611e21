import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kernelPrincipal, type Principal } from '@holdfast/contracts';
import {
  createIdentityWorld,
  human,
  makeKey,
  owner,
  refusal,
  type IdentityWorld,
} from './test-support/identity-world.ts';

let world: IdentityWorld;
beforeEach(async () => {
  world = await createIdentityWorld();
});
afterEach(() => world.world.close());

describe('principals', () => {
  it('adds people and programs and tells the ledger who did it', async () => {
    const made = await world.owner.createPrincipal({ id: 'ann', role: 'admin', name: 'Ann' });
    expect(made).toMatchObject({ id: 'ann', kind: 'human', person: 'ann', state: 'active' });
    expect(made.created_by).toBe('owner');
    expect((await world.owner.listPrincipals({})).items).toEqual([made]);
    const event = await world.world.waitForEvent(
      ({ type }) => type === 'identity.principal.changed',
    );
    expect(event).toMatchObject({ actor: 'owner', subject: 'principals/ann' });
    expect(event.data).toMatchObject({ role: 'admin', state: 'active', before: null });
  });

  it.each([
    ['owner', 'principal_reserved'],
    ['OWNER', 'principal_reserved'],
    ['anonymous', 'principal_reserved'],
    ['kernel:governance', 'principal_reserved'],
    ['Agent:x', 'principal_reserved'],
    ['local:anonymous', 'principal_reserved'],
    ['oidc:1234', 'principal_reserved'],
    ['ann', 'principal_exists'],
    ['ANN', 'principal_exists'],
    ['../ann', 'invalid_input'],
  ])('refuses the id %s with %s', async (id, code) => {
    await world.add('ann', 'viewer');
    expect(await refusal(world.owner.createPrincipal({ id, role: 'viewer' }))).toBe(code);
  });

  it('lets nobody give a role above their own, nor change somebody above them', async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'operator');
    await world.as(ann).createPrincipal({ id: 'cid', role: 'admin' });
    expect(await refusal(world.as(bob).createPrincipal({ id: 'x', role: 'viewer' }))).toBe(
      'forbidden',
    );
    const below = human('ann', 'operator');
    expect(await refusal(world.as(below).updatePrincipal({ id: 'cid', role: 'viewer' }))).toBe(
      'forbidden',
    );
    expect(await refusal(world.as(ann).updatePrincipal({ id: 'owner', role: 'viewer' }))).toBe(
      'principal_reserved',
    );
    expect(await refusal(world.as(ann).updatePrincipal({ id: 'nobody', role: 'viewer' }))).toBe(
      'principal_not_found',
    );
    expect((await world.as(ann).updatePrincipal({ id: 'bob', role: 'admin' })).role).toBe('admin');
  });

  it('takes nothing from kernels, which may call almost everything else', async () => {
    const kernel = world.as(kernelPrincipal('workflow_engine'));
    expect(await refusal(kernel.createPrincipal({ id: 'x', role: 'viewer' }))).toBe('forbidden');
    expect(await refusal(kernel.createToken({ principal: 'owner' }))).toBe('forbidden');
    expect(await refusal(kernel.updatePrincipal({ id: 'x', role: 'viewer' }))).toBe('forbidden');
  });

  it('refuses a program that makes a person as an attempt on the hard rules, and records it', async () => {
    const bot = await world.add('bot', 'admin', 'ai');
    expect(await refusal(world.as(bot).createPrincipal({ id: 'puppet', role: 'operator' }))).toBe(
      'tripwire',
    );
    const event = await world.world.waitForEvent(({ actor }) => actor === 'bot');
    expect(event).toMatchObject({ type: 'governance.tripwire.alert', priority: 'critical' });
    const twin = await world.as(bot).createPrincipal({ id: 'bot-2', role: 'operator', kind: 'ai' });
    expect(twin.kind).toBe('ai');
    await world.add('ann', 'viewer');
    expect(await refusal(world.as(bot).updatePrincipal({ id: 'ann', role: 'admin' }))).toBe(
      'forbidden',
    );
  });

  it('stops tokens and keys of somebody who is disabled, and brings none back', async () => {
    const ann = await world.add('ann', 'operator');
    const { token } = await world.as(ann).createToken({});
    const key = makeKey();
    const registered = await world
      .as(ann)
      .registerKey({ public_key: key.public_key, proof: key.proofFor('ann') });
    expect(await world.identity.findKey('ann', registered.id)).toMatchObject({ state: 'active' });
    expect(await world.who(token)).toMatchObject({ id: 'ann', role: 'operator' });

    await world.owner.updatePrincipal({ id: 'ann', state: 'disabled' });
    expect(await refusal(world.who(token))).toBe('forbidden');
    expect(await world.identity.findKey('ann', registered.id)).toBeUndefined();
    expect(await refusal(world.owner.createToken({ principal: 'ann' }))).toBe(
      'principal_not_found',
    );

    await world.owner.updatePrincipal({ id: 'ann', state: 'active' });
    expect(await refusal(world.who(token))).toBe('forbidden');
    expect(await world.identity.findKey('ann', registered.id)).toBeUndefined();
    expect(await refusal(world.owner.createToken({ principal: 'ann' }))).toBe('not refused');
  });

  it('keeps one of many changes at a time whole, and never leaves a token to somebody disabled', async () => {
    const ann = await world.add('ann', 'admin');
    const attempts = await Promise.allSettled([
      ...Array.from({ length: 8 }, () => world.as(ann).createToken({})),
      world.owner.updatePrincipal({ id: 'ann', role: 'operator' }),
      world.owner.updatePrincipal({ id: 'ann', state: 'disabled' }),
      world.owner.updatePrincipal({ id: 'ann', name: 'Ann' }),
      ...Array.from({ length: 8 }, () => world.as(ann).createToken({})),
    ]);
    expect(await world.identity.recordOf('ann')).toMatchObject({
      role: 'operator',
      state: 'disabled',
      name: 'Ann',
    });
    await world.owner.updatePrincipal({ id: 'ann', state: 'active' });
    for (const attempt of attempts)
      if (attempt.status === 'fulfilled' && 'token' in attempt.value)
        expect(await refusal(world.who(attempt.value.token))).toBe('forbidden');
  });

  it('gives one id to one of those who ask for it at a time', async () => {
    const codes = await Promise.all(
      ['ann', 'Ann', 'aNN', 'ann'].map((id) =>
        refusal(world.owner.createPrincipal({ id, role: 'viewer' })),
      ),
    );
    expect(codes.toSorted()).toEqual([
      'not refused',
      'principal_exists',
      'principal_exists',
      'principal_exists',
    ]);
  });

  it('says who stands behind a principal', async () => {
    await world.owner.createPrincipal({ id: 'ann-bot', role: 'viewer', kind: 'ai', person: 'ann' });
    expect(await world.identity.personOf('ann-bot')).toBe('ann');
    expect(await world.identity.personOf('owner')).toBe('owner');
    expect(await world.identity.personOf('kernel:governance')).toBe('kernel:governance');
    expect(await world.identity.recordOf('owner')).toBeUndefined();
  });
});

describe('one person with two names', () => {
  it('is said by somebody who is neither of them, and counts as one from then on', async () => {
    await world.add('ann', 'admin');
    const bob = await world.add('bob', 'admin');
    await world.add('ann-login', 'admin');
    await world.owner.createPrincipal({ id: 'ann-bot', role: 'viewer', kind: 'ai', person: 'ann' });
    const { revision } = await world.gateway.getIdentityRevision({});
    const link = { id: 'ann', person: 'ann-login' };
    const linked = await world.as(bob).updatePrincipal(link);
    expect(linked.person).toBe('ann-login');
    expect(await world.as(bob).updatePrincipal(link)).toEqual(linked);
    for (const id of ['ann', 'ann-bot', 'ann-login'])
      expect(await world.identity.personOf(id)).toBe('ann-login');
    expect((await world.gateway.getIdentityRevision({})).revision).toBe(revision + 1);
    const event = await world.world.waitForEvent(
      ({ data }) =>
        (data as { person?: string }).person === 'ann-login' && data['principal'] === 'ann',
    );
    expect(event).toMatchObject({ actor: 'bob', data: { before: { person: 'ann' } } });
  });

  it('is not said, nor denied, by one of them, by their puppet or by a program', async () => {
    const ann = await world.add('ann', 'admin');
    const two = await world.add('ann-login', 'admin');
    const bot = await world.add('bot', 'admin', 'ai');
    await world.add('bot-2', 'viewer', 'ai');
    await world.add('bob', 'admin');
    await world.add('cid', 'admin');
    const puppet = await world.who((await world.as(ann).createToken({ principal: 'cid' })).token);
    const say = (caller: Principal, id: string, person: string) =>
      refusal(world.as(caller).updatePrincipal({ id, person }));
    for (const one of [ann, two, puppet]) {
      expect(await say(one, 'ann', 'ann-login')).toBe('forbidden');
      expect(await say(one, 'ann-login', 'ann')).toBe('forbidden');
    }
    expect(await say(ann, 'ann', 'bob')).toBe('forbidden');
    expect(await say(bot, 'bot-2', 'bob')).toBe('forbidden');
    expect(await say(owner, 'ann', 'owner')).toBe('forbidden');
    expect(await say(owner, 'ann', 'ann-login')).toBe('not refused');
    for (const one of [ann, two, puppet]) expect(await say(one, 'ann', 'ann')).toBe('forbidden');
    expect(await say(owner, 'ann', 'ann')).toBe('not refused');
  });

  it('is one person too where the names point at each other', async () => {
    for (const id of ['ann', 'ann-login', 'ann-old']) await world.add(id, 'viewer');
    await world.owner.updatePrincipal({ id: 'ann', person: 'ann-login' });
    await world.owner.updatePrincipal({ id: 'ann-login', person: 'ann' });
    await world.owner.updatePrincipal({ id: 'ann-old', person: 'ann-login' });
    const persons = ['ann', 'ann-login', 'ann-old'].map((id) => world.identity.personOf(id));
    expect(await Promise.all(persons)).toEqual(['ann', 'ann', 'ann']);
  });
});

describe('the revision', () => {
  it('wakes those who wait when who may call changes', async () => {
    const { revision } = await world.gateway.getIdentityRevision({});
    const waiting = world.gateway.getIdentityRevision({ after: revision, wait_ms: 25_000 });
    await world.as(owner).createPrincipal({ id: 'ann', role: 'viewer' });
    expect((await waiting).revision).toBe(revision + 1);
    const same = await world.gateway.getIdentityRevision({ after: revision + 1, wait_ms: 1 });
    expect(same.revision).toBe(revision + 1);
  });

  it('answers a change only when all who wait for one have heard of it', async () => {
    const leaving = new AbortController();
    const follow = (after: number) =>
      world.gateway.getIdentityRevision({ after, wait_ms: 25_000 }, { signal: leaving.signal });
    const { revision } = await world.gateway.getIdentityRevision({});
    const waiting = [follow(revision), follow(revision)];
    let answered = 0;
    const changes = ['ann', 'bob'].map((id) =>
      world.owner.createPrincipal({ id, role: 'viewer' }).then(() => (answered += 1)),
    );
    const told = await Promise.all(waiting);
    const next = follow(told[0]!.revision);
    expect(answered).toBe(0);
    const others = [follow(told[1]!.revision), follow(revision + 2), follow(revision + 2)];
    await Promise.all(changes);
    leaving.abort();
    await Promise.all([next, ...others]);
  });

  it('ends the wait of a caller that left', async () => {
    const { revision } = await world.gateway.getIdentityRevision({});
    const leaving = new AbortController();
    const waiting = world.gateway.getIdentityRevision(
      { after: revision, wait_ms: 25_000 },
      { signal: leaving.signal },
    );
    leaving.abort();
    expect((await waiting).revision).toBe(revision);
  });

  it('is there for the gateway only', async () => {
    const other = world.as(kernelPrincipal('workflow_engine'));
    expect(await refusal(other.getIdentityRevision({}))).toBe('forbidden');
    expect(await refusal(other.introspectToken({ id: 'a', digest: 'b' }))).toBe('forbidden');
    expect(await refusal(world.owner.getIdentityRevision({}))).toBe('forbidden');
  });

  it('goes on where it was after a restart, with everybody in place', async () => {
    await world.add('ann', 'operator');
    const { token } = await world.owner.createToken({ principal: 'ann' });
    const before = await world.gateway.getIdentityRevision({});
    const { home } = world.world;
    await world.world.close({ keep: true });
    world = await createIdentityWorld({ home });
    expect(await world.gateway.getIdentityRevision({})).toEqual(before);
    expect(await world.who(token)).toMatchObject({ id: 'ann', role: 'operator' });
  });
});
