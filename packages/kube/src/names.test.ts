import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isNamespaceName, isObjectName } from '@holdfast/tuning';
import { badNames } from './names.ts';

it('lets no name through that a shell, a path or an option could be made of', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (name) => {
      if (!isObjectName(name)) return;
      expect(name).toMatch(/^[a-z0-9.-]+$/);
      expect(name.startsWith('-') || name.startsWith('.') || name.includes('..')).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('knows what Kubernetes lets objects and namespaces be called', () => {
  for (const name of ['a', 'trainer-7f', 'a.b-c.d', '0']) expect(isObjectName(name)).toBe(true);
  for (const name of ['', 'a.', '-a', 'a-', 'A', 'a_b', 'a\n', 'a..b', 'a'.repeat(254)])
    expect(isObjectName(name)).toBe(false);
  expect(isNamespaceName('a.b')).toBe(false);
  expect(isNamespaceName('a'.repeat(64))).toBe(false);
  expect(badNames({ namespace: 'a', name: 'b.c', container: 'd' })).toBeUndefined();
  expect(badNames({ namespace: 'a b' })).toBe('invalid namespace "a b": not an RFC 1123 label');
});
