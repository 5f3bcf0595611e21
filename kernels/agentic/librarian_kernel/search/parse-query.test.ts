import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from './parse-query.ts';

test.each([
  ['disk full', [['disk'], ['full']]],
  ['"disk full" now', [['disk', 'full'], ['now']]],
  ['what to do when the disk is full', [['disk'], ['full']]],
  ['"to be or not"', [['to', 'be', 'or', 'not']]],
  ['the of', [['the'], ['of']]],
  ['kill_switch', [['kill', 'switch']]],
  ['never "closed quote', [['clos', 'quot'], ['never']]],
  ['disk disks DISK', [['disk']]],
  ['NEAR(a b) OR x* ^y -z col:v', [['near', 'a'], ['b'], ['x'], ['y'], ['z'], ['col', 'v']]],
  ['"" \' ( * :', []],
])('reads %j', (query, phrases) => {
  expect(parseQuery(query)).toEqual(phrases);
});

test('has at most 32 phrases of 1 to 16 terms for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), (query) => {
      const phrases = parseQuery(query);
      expect(phrases.length).toBeLessThanOrEqual(32);
      for (const phrase of phrases) {
        expect(phrase.length).toBeGreaterThan(0);
        expect(phrase.length).toBeLessThanOrEqual(16);
      }
    }),
  );
});
