import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenWeakness } from './token-strength.ts';

describe('tokenWeakness', () => {
  it.each([
    ['', 'empty'],
    ['short-1', 'at least 16 characters, got 7'],
    ['change-me', 'at least 16'],
    ['change-me-please-now', 'well-known'],
    ['CHANGE_ME_TO_SOMETHING_LONG', 'well-known'],
    ['changemechangemechangeme', 'well-known'],
    ['ChangeMe1234567890', 'well-known'],
    ['adminadminadminadmin', 'well-known'],
    ['Password-Password-1', 'well-known'],
    ['my-secret-admin-token', 'well-known'],
    ['holdfast-owner-token-1', 'well-known'],
    ['aaaaaaaaaaaaaaaaaaaa', 'easy to guess'],
    ['abababababababababab', 'easy to guess'],
    ['12345678901234567890', 'easy to guess'],
    ['abcdefghijklmnopqrstuvwxyz', 'easy to guess'],
    ['has a blank in the middle', 'visible ASCII'],
    ['has\nbreak-in-the-middle', 'visible ASCII'],
  ])('refuses %j', (token, words) => {
    const weakness = tokenWeakness(token);
    expect(weakness).toContain(words);
    if (token !== '') expect(weakness).not.toContain(token);
  });

  it('takes random tokens of every usual shape', () => {
    const shapes = ['hex', 'base64', 'base64url'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...shapes), fc.constantFrom(16, 24, 32), (encoding, bytes) => {
        expect(tokenWeakness(randomBytes(bytes).toString(encoding))).toBeUndefined();
      }),
    );
  });

  it('takes a passphrase', () => {
    expect(tokenWeakness('correct-horse-battery-staple')).toBeUndefined();
  });
});
