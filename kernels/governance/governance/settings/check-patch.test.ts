import { testProfile } from '@holdfast/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKeys, checkShape, patchedOverrides } from './check-patch.ts';
import { mergePatch, withoutEmpty, type Json } from './merge-patch.ts';

const effective = testProfile({
  config: {
    allow: ['limits.*', 'gate.watch_s'],
    security_keys: ['gate.*'],
    security: false,
    ttl_s: 1,
  },
});
const inForce = (overrides: Json = {}) => ({ effective, overrides });

/** The examples of RFC 7396, appendix A, whose patch is a mapping. */
const EXAMPLES: readonly (readonly [Json, Json, Json])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

const tree = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 }), {
  maxKeys: 3,
}) as fc.Arbitrary<Json>;

describe('a merge patch', () => {
  it.each(EXAMPLES)('of %j by %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it('twice is as once, and leaves what it was given as it was', () => {
    fc.assert(
      fc.property(tree, tree, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });

  it('never reaches the prototype of anything', () => {
    const patch = JSON.parse('{"limits":{"__proto__":{"polluted":true}}}') as Json;
    mergePatch({ limits: {} }, patch);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(() => checkShape(effective, patch)).toThrow(
      expect.objectContaining({ code: 'config_patch_invalid' }),
    );
  });

  it('by what it replaced leads back', () => {
    const patch = { limits: { max_hosts: 5, rate_limit_rps: 7 } };
    const { before } = checkKeys(inForce(), patch);
    expect(mergePatch(mergePatch(effective, patch), before)).toEqual(effective);
  });
});

describe('keys of a patch', () => {
  const codeOf = (patch: Json, overrides: Json = {}): string => {
    try {
      checkShape(effective, patch);
      checkKeys(inForce(overrides), patch);
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'taken';
  };

  it('of the allow-list are taken, security keys not even from there', () => {
    expect(codeOf({ limits: { max_hosts: 2 } })).toBe('taken');
    expect(codeOf({ logging: { level: 'warn' } })).toBe('config_key_forbidden');
    expect(codeOf({ gate: { watch_s: 1 } })).toBe('config_key_forbidden');
  });

  it('cannot be removed as part of something else', () => {
    const overrides = { gate: { watch_s: 1 }, limits: { max_hosts: 1 } };
    expect(codeOf({ limits: null }, overrides)).toBe('taken');
    expect(codeOf({ gate: null }, overrides)).toBe('config_key_forbidden');
  });

  it('say what a profile is, and are never taken', () => {
    for (const key of ['name', 'inherits', 'description', 'config'])
      expect(codeOf({ [key]: 'x' })).toBe('config_key_forbidden');
    expect(codeOf({ config: { allow: ['*'] } })).toBe('config_key_forbidden');
  });

  it('that are removed leave no empty mapping behind', () => {
    const overrides = { limits: { max_hosts: 1 } };
    expect(patchedOverrides(inForce(overrides), { limits: { max_hosts: null } })).toEqual({});
    expect(withoutEmpty({ a: { b: {} }, c: 1 })).toEqual({ c: 1 });
  });
});
