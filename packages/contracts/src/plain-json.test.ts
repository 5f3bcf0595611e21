import { expect, test } from 'vitest';
import { findUnrecordable } from './plain-json.ts';

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)]);

test('names what the ledger could not take, and where', () => {
  expect(findUnrecordable({ a: { b: 'x\ud800' } })).toBe('a.b: text that is not well formed');
  expect(findUnrecordable({ 'k\udc00': 1 })).toContain('a key that is not well formed');
  expect(findUnrecordable({ a: nested(63) })).toBeUndefined();
  expect(findUnrecordable({ a: nested(64) })).toContain('nested deeper than 64 levels');
  expect(findUnrecordable(nested(5_000))).toContain('nested deeper');
});
