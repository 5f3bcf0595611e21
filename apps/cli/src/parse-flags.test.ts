import { expect, test } from 'vitest';
import { oneOf, parseCount, parseDuration } from './parse-flags.ts';

test('durations carry a unit and stay within a day', () => {
  expect(['90', '90s', '5m', '24h'].map((text) => parseDuration('for', text))).toEqual([
    90, 90, 300, 86_400,
  ]);
  for (const text of ['', '0', '25h', '5d', '-1', '1.5m', '1e3'])
    expect(() => parseDuration('for', text)).toThrow('expected 1s to 24h');
});

test('words of a closed list are checked before anything is sent', () => {
  expect(oneOf('status', undefined, ['a'])).toBeUndefined();
  expect(oneOf('status', 'a', ['a', 'b'])).toBe('a');
  expect(() => oneOf('status', 'c', ['a', 'b'])).toThrow('--status c: expected one of a, b');
  expect(() => parseCount('limit', '0', 10)).toThrow('expected 1 to 10');
  expect(parseCount('limit', '10', 10)).toBe(10);
});
