import { expect, it } from 'vitest';
import { mergePatch, withPrecondition } from './merge-patch.ts';

it('merges objects, replaces lists and removes what is null', () => {
  const target = { a: { b: 1, c: [1, 2] }, d: 'x' };
  expect(mergePatch(target, { a: { c: [3] }, d: null, e: true })).toEqual({
    a: { b: 1, c: [3] },
    e: true,
  });
  expect(target).toEqual({ a: { b: 1, c: [1, 2] }, d: 'x' });
});

it('keeps a key of the name __proto__ a plain key', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}')) as object;
  expect(Object.keys(merged)).toEqual(['__proto__']);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

it('puts the precondition beside the metadata that is patched, and only where there is one', () => {
  const patch = { metadata: { annotations: { a: '1' } } };
  expect(withPrecondition(patch, '7')).toEqual({
    metadata: { annotations: { a: '1' }, resourceVersion: '7' },
  });
  expect(withPrecondition(patch, undefined)).toBe(patch);
});
