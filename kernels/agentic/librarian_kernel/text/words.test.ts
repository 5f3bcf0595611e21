import fc from 'fast-check';
import { expect, test } from 'vitest';
import { termsOf, wordsOf } from './words.ts';

test.each([
  ['restart restarts restarted restarting', ['restart', 'restart', 'restart', 'restart']],
  ['stopping stopped stops', ['stop', 'stop', 'stop']],
  ['upgrade upgraded upgrading upgrades', ['upgrad', 'upgrad', 'upgrad', 'upgrad']],
  ['policies policy', ['policy', 'policy']],
  ['string need status address', ['string', 'need', 'status', 'address']],
  ['Z\u00fcrich ZURICH', ['zurich', 'zurich']],
  ['kill_switch 10.0.0.1', ['kill', 'switch', '10', '0', '0', '1']],
  ['\u5bc6\u94a5 x', ['\u5bc6', '\u94a5', 'x']],
  ['--- ... !', []],
])('reads %j as %j', (text, terms) => {
  expect(termsOf(text)).toEqual(terms);
});

test('makes terms of letters and digits only, of bearable length, at places that grow', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      let end = 0;
      for (const word of wordsOf(text)) {
        expect(word.term).toMatch(/^[\p{L}\p{N}]{1,64}$/u);
        expect(word.start).toBeGreaterThanOrEqual(end);
        end = word.end;
      }
      expect(end).toBeLessThanOrEqual(text.length);
    }),
  );
});
