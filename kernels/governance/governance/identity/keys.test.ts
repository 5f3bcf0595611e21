import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testProfile } from '@holdfast/testkit';
import { MOST_KEYS } from './key-store.ts';
import {
  createIdentityWorld,
  makeKey,
  owner,
  refusal,
  type IdentityWorld,
  type SigningKey,
} from './test-support/identity-world.ts';
import type { Principal } from '@holdfast/contracts';

let world: IdentityWorld;
const open = async (confirm_keys: boolean): Promise<void> => {
  world = await createIdentityWorld({ profile: testProfile({ identity: { confirm_keys } }) });
};
afterEach(() => world.world.close());

const register = (principal: Principal, key: SigningKey) =>
  world
    .as(principal)
    .registerKey({ public_key: key.public_key, proof: key.proofFor(principal.id) });

describe('keys', () => {
  beforeEach(() => open(false));

  it('registers a key whose owner proves to have it', async () => {
    const ann = await world.add('ann', 'operator');
    const key = makeKey();
    const registered = await register(ann, key);
    expect(registered).toMatchObject({ principal: 'ann', state: 'active' });
    expect(registered.id).toMatch(/^ed25519:[0-9a-f]{32}$/);
    expect(await world.identity.findKey('ann', registered.id)).toEqual(registered);
    expect(await world.identity.findKey('bob', registered.id)).toBeUndefined();
    const event = await world.world.waitForEvent(({ type }) => type === 'identity.key.changed');
    expect(event).toMatchObject({ actor: 'ann', data: { state: 'active' } });
    expect(await register(owner, makeKey())).toMatchObject({ principal: 'owner' });
  });

  it.each<[string, (key: SigningKey) => { public_key: string; proof: string }]>([
    [
      'a proof for somebody else',
      (key) => ({ public_key: key.public_key, proof: key.proofFor('bob') }),
    ],
    [
      'a proof by another key',
      (key) => ({ public_key: key.public_key, proof: makeKey().proofFor('ann') }),
    ],
    [
      'a key that is no base64',
      (key) => ({ public_key: `${'!'.repeat(43)}`, proof: key.proofFor('ann') }),
    ],
    [
      'a key with stray bits',
      (key) => ({ public_key: `${key.public_key.slice(0, 42)}z`, proof: key.proofFor('ann') }),
    ],
    [
      'a proof that is too short',
      (key) => ({ public_key: key.public_key, proof: 'A'.repeat(86).slice(0, 85) + '=' }),
    ],
  ])('refuses %s', async (_, make) => {
    const ann = await world.add('ann', 'operator');
    expect(await refusal(world.as(ann).registerKey(make(makeKey())))).toBe('key_invalid');
  });

  it('takes a key in one form only, so that it is not taken for another one', async () => {
    const ann = await world.add('ann', 'operator');
    const key = makeKey();
    const bare = { public_key: key.public_key.replace('=', ''), proof: key.proofFor('ann') };
    expect(await refusal(world.as(ann).registerKey(bare))).toBe('key_invalid');
  });

  it('registers a key once ever, also after it was revoked and for nobody else', async () => {
    const ann = await world.add('ann', 'operator');
    const bob = await world.add('bob', 'operator');
    const key = makeKey();
    const codes = await Promise.all([1, 2, 3].map(() => refusal(register(ann, key))));
    expect(codes.toSorted()).toEqual(['key_taken', 'key_taken', 'not refused']);
    const [registered] = (await world.as(ann).listKeys({})).items;
    await world.as(ann).revokeKey({ id: registered!.id });
    expect(await refusal(register(ann, key))).toBe('key_taken');
    expect(await refusal(register(bob, key))).toBe('key_taken');
  });

  it('takes keys of people who are on record only', async () => {
    const bot = await world.add('bot', 'operator', 'ai');
    expect(await refusal(register(bot, makeKey()))).toBe('not_a_person');
    expect(await refusal(register({ ...bot, kind: 'human' }, makeKey()))).toBe('not_a_person');
    const stranger: Principal = { id: 'stranger', kind: 'human', role: 'operator' };
    expect(await refusal(register(stranger, makeKey()))).toBe('forbidden');
  });

  it("revokes keys of one's own and, for admins, of those who are not above them", async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'operator');
    const cid = await world.add('cid', 'operator');
    const key = await register(bob, makeKey());
    const mine = await register(owner, makeKey());
    expect(await refusal(world.as(cid).revokeKey({ id: key.id }))).toBe('key_not_found');
    expect(await refusal(world.as(ann).revokeKey({ id: mine.id }))).toBe('forbidden');
    const revoked = await world.as(ann).revokeKey({ id: key.id });
    expect(revoked.state).toBe('revoked');
    expect(await world.identity.findKey('bob', key.id)).toBeUndefined();
    expect(await world.as(bob).revokeKey({ id: key.id })).toEqual(revoked);
    expect((await world.as(cid).listKeys({ principal: 'bob' })).items).toEqual([revoked]);
  });
});

describe('keys that are registered with a token that somebody else made', () => {
  beforeEach(() => open(false));

  it('name the persons who made it, and those who made what it was made with', async () => {
    const ann = await world.add('ann', 'admin');
    await world.add('bob', 'admin');
    await world.add('cid', 'operator');
    const { token } = await world.as(ann).createToken({ principal: 'bob' });
    const bob = await world.who(token);
    const own = await world.who((await world.as(bob).createToken({})).token);
    const given = await world.as(own).createToken({ principal: 'cid' });
    const cid = await world.who(given.token);
    const [first, second, third] = [
      await register(bob, makeKey()),
      await register(own, makeKey()),
      await register(cid, makeKey()),
    ];
    const { makersOfKey } = world.identity;
    expect(await makersOfKey('bob', first.id)).toEqual(['ann']);
    expect(await makersOfKey('bob', second.id)).toEqual(['ann']);
    expect(await makersOfKey('cid', third.id)).toEqual(['ann', 'bob']);
    expect(await makersOfKey('bob', third.id)).toEqual([]);
    const event = await world.world.waitForEvent(({ subject }) => subject === `keys/${third.id}`);
    expect(event.data).toMatchObject({ makers: ['ann', 'bob'] });
    await world.owner.updatePrincipal({ id: 'bob', person: 'cid' });
    expect(await makersOfKey('cid', third.id)).toEqual(['ann']);
  });

  it("are active where keys are not confirmed, and one's own token makes nobody else their maker", async () => {
    await world.add('ann', 'operator');
    const { token } = await world.owner.createToken({ principal: 'ann' });
    const key = await register(await world.who(token), makeKey());
    expect(await world.identity.findKey('ann', key.id)).toEqual(key);
    expect(await world.identity.makersOfKey('ann', key.id)).toEqual(['owner']);
    const bob = await world.add('bob', 'operator');
    const own = await world.who((await world.as(bob).createToken({})).token);
    const bobKey = await register(own, makeKey());
    expect(await world.identity.makersOfKey('bob', bobKey.id)).toEqual([]);
  });

  it('are refused with a token that was revoked after the call was let in', async () => {
    await world.add('ann', 'operator');
    const { token, record } = await world.owner.createToken({ principal: 'ann' });
    const ann = await world.who(token);
    await world.owner.revokeToken({ id: record.id });
    expect(await refusal(register(ann, makeKey()))).toBe('forbidden');
  });

  it('are so many for one principal, of those that are not revoked', async () => {
    const ann = await world.add('ann', 'operator');
    const first = await register(ann, makeKey());
    const codes = await Promise.all(
      Array.from({ length: MOST_KEYS }, () => refusal(register(ann, makeKey()))),
    );
    expect(codes.filter((code) => code === 'key_limit')).toHaveLength(1);
    await world.as(ann).revokeKey({ id: first.id });
    expect(await refusal(register(ann, makeKey()))).toBe('not refused');
    expect(await refusal(register(ann, makeKey()))).toBe('key_limit');
    expect(await refusal(register(owner, makeKey()))).toBe('not refused');
  });
});

describe('where keys have to be confirmed', () => {
  beforeEach(() => open(true));

  it('lets a key sign only after another admin confirmed it', async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'admin');
    const key = await register(ann, makeKey());
    expect(key.state).toBe('pending');
    expect(await world.identity.findKey('ann', key.id)).toBeUndefined();
    expect(await refusal(world.as(ann).confirmKey({ id: key.id }))).toBe('self_approval');
    const confirmed = await world.as(bob).confirmKey({ id: key.id });
    expect(confirmed).toMatchObject({ state: 'active', confirmed_by: 'bob' });
    expect(await world.identity.findKey('ann', key.id)).toEqual(confirmed);
    expect(await world.as(bob).confirmKey({ id: key.id })).toEqual(confirmed);
  });

  it('confirms no key that was revoked, nor one that is being revoked at that moment', async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'admin');
    const key = await register(ann, makeKey());
    await Promise.allSettled([
      world.as(bob).confirmKey({ id: key.id }),
      world.as(ann).revokeKey({ id: key.id }),
      world.as(bob).confirmKey({ id: key.id }),
    ]);
    expect(await world.identity.findKey('ann', key.id)).toBeUndefined();
    expect(await refusal(world.as(bob).confirmKey({ id: key.id }))).toBe('key_not_found');
  });

  it('does not take two names of one person, or a name and its maker, for two people', async () => {
    const ann = await world.add('ann', 'admin');
    await world.as(ann).createPrincipal({ id: 'puppet', role: 'admin' });
    await world.as(ann).createPrincipal({ id: 'other', role: 'admin' });
    await world.owner.createPrincipal({ id: 'ann-2', role: 'admin', person: 'ann' });
    const puppet: Principal = { id: 'puppet', kind: 'human', role: 'admin' };
    const key = await register(puppet, makeKey());
    for (const id of ['ann', 'other']) {
      const caller: Principal = { id, kind: 'human', role: 'admin' };
      expect(await refusal(world.as(caller).confirmKey({ id: key.id }))).toBe('key_one_voice');
    }
    const annKey = await register(ann, makeKey());
    for (const id of ['ann-2', 'puppet']) {
      const caller: Principal = { id, kind: 'human', role: 'admin' };
      expect(await refusal(world.as(caller).confirmKey({ id: annKey.id }))).toBe('key_one_voice');
    }
    expect((await world.owner.confirmKey({ id: key.id })).confirmed_by).toBe('owner');
  });

  it('does not let one person confirm under another name, once the names are linked', async () => {
    const ann = await world.add('ann', 'admin');
    const login = await world.add('ann-login', 'admin');
    const key = await register(login, makeKey());
    await world.owner.updatePrincipal({ id: 'ann', person: 'ann-login' });
    expect(await refusal(world.as(ann).confirmKey({ id: key.id }))).toBe('key_one_voice');
  });

  it('lets nobody confirm a key that they could have registered, by whichever of their tokens', async () => {
    const ann = await world.add('ann', 'admin');
    const bob = await world.add('bob', 'admin');
    const cid = await world.add('cid', 'admin');
    const tokenOf = async (maker: Principal, principal: string): Promise<Principal> =>
      world.who((await world.as(maker).createToken({ principal })).token);
    const asBob = await tokenOf(ann, 'bob');
    const key = await register(asBob, makeKey());
    expect(key.state).toBe('pending');
    for (const one of [asBob, bob])
      expect(await refusal(world.as(one).confirmKey({ id: key.id }))).toBe('self_approval');
    for (const one of [ann, await tokenOf(ann, 'cid')])
      expect(await refusal(world.as(one).confirmKey({ id: key.id }))).toBe('key_one_voice');
    const annKey = await register(ann, makeKey());
    expect(await refusal(world.as(asBob).confirmKey({ id: annKey.id }))).toBe('key_one_voice');
    expect(await refusal(world.as(bob).confirmKey({ id: annKey.id }))).toBe('not refused');
    expect((await world.as(cid).confirmKey({ id: key.id })).confirmed_by).toBe('cid');
  });

  it('does not let the owner make somebody and confirm their key, alone or with a second one', async () => {
    await world.add('ann', 'admin');
    await world.add('bob', 'admin');
    const cid = await world.add('cid', 'admin');
    const asAnn = await world.who((await world.owner.createToken({ principal: 'ann' })).token);
    const asBob = await world.who((await world.owner.createToken({ principal: 'bob' })).token);
    const key = await register(asAnn, makeKey());
    for (const one of [owner, asBob])
      expect(await refusal(world.as(one).confirmKey({ id: key.id }))).toBe('key_one_voice');
    expect((await world.as(cid).confirmKey({ id: key.id })).confirmed_by).toBe('cid');
    const cidKey = await register(cid, makeKey());
    await expect(world.owner.confirmKey({ id: cidKey.id })).rejects.toMatchObject({
      code: 'key_one_voice',
      details: {
        detail: expect.stringMatching(
          /owner added cid; .*set identity\.oidc .*holdfast login.*keys confirm/,
        ),
      },
    });
  });
});

const P = 2n ** 255n - 19n;
const mod = (value: bigint): bigint => ((value % P) + P) % P;
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let bit = exponent, square = mod(base); bit > 0n; bit >>= 1n, square = mod(square * square))
    if (bit & 1n) result = mod(result * square);
  return result;
};
const D = mod(-121665n * power(121666n, P - 2n));

type Point = readonly [x: bigint, y: bigint];
/** RFC 8032 section 5.1.3; undefined: there is no such point. */
const pointAt = (y: bigint): Point | undefined => {
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  const x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) === u) return [x, mod(y)];
  if (mod(v * x * x) === mod(-u)) return [mod(x * power(2n, (P - 1n) / 4n)), mod(y)];
  return undefined;
};
const double = ([x, y]: Point): Point => {
  const k = mod(D * x * x * y * y);
  return [mod(2n * x * y * power(1n + k, P - 2n)), mod((y * y + x * x) * power(1n - k, P - 2n))];
};
const hasSmallOrder = (point: Point): boolean => {
  const [x, y] = double(double(double(point)));
  return x === 0n && y === 1n;
};
const encode = (y: bigint): string =>
  Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse().toString('base64');

/** y of a point of order eight, from one that is not in the prime-order part. */
const smallOrderYs = (): bigint[] => {
  const L = 2n ** 252n + 27742317777372353535851937790883648493n;
  const add = ([ax, ay]: Point, [bx, by]: Point): Point => {
    const k = mod(D * ax * bx * ay * by);
    return [
      mod((ax * by + bx * ay) * power(1n + k, P - 2n)),
      mod((ay * by + ax * bx) * power(1n - k, P - 2n)),
    ];
  };
  const found = new Set<bigint>();
  for (let y = 2n; found.size < 5; y += 1n) {
    const start = pointAt(y);
    if (start === undefined) continue;
    let sum: Point = [0n, 1n];
    for (let bit = L, square = start; bit > 0n; bit >>= 1n, square = double(square))
      if (bit & 1n) sum = add(sum, square);
    for (let step = sum, turn = 0; turn < 8; turn += 1, step = add(step, sum)) found.add(step[1]);
  }
  return [...found];
};

describe('weak keys', () => {
  beforeEach(() => open(false));

  it('are refused in every encoding, and no others', async () => {
    const ys = smallOrderYs();
    expect(ys).toHaveLength(5);
    const encodings = [...ys, ...ys.map((y) => y + P).filter((y) => y < 2n ** 255n)];
    for (const y of encodings) {
      expect(hasSmallOrder(pointAt(y)!)).toBe(true);
      for (const sign of [0n, 1n << 255n]) {
        const weak = world.owner.registerKey({
          public_key: encode(y | sign),
          proof: makeKey().proofFor('owner'),
        });
        await expect(weak).rejects.toMatchObject({
          code: 'key_invalid',
          details: { detail: expect.stringMatching(/small order|not reduced/) },
        });
      }
    }
    fc.assert(
      fc.property(fc.bigInt({ min: 2n, max: P - 2n }), (y) => {
        const point = pointAt(y);
        expect(point !== undefined && hasSmallOrder(point)).toBe(ys.includes(y));
      }),
      { numRuns: 20 },
    );
  });
});
