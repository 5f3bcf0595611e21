import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import {
  decisionStatement,
  isHoldfastError,
  keyStatement,
  LONGEST_SIGNATURE_S,
  type Decision,
  type Signature,
} from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLOCK_SKEW_S, verifyDecision, verifyKeyProof } from './approval-signature.ts';
import { keyIdOf } from './ed25519-key.ts';

interface Pair {
  readonly secret: KeyObject;
  readonly publicKey: string;
}

const makePair = (): Pair => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { secret: privateKey, publicKey: raw.toString('base64') };
};

const bob = makePair();
const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const iso = (after_s: number): string => new Date(NOW + after_s * 1000).toISOString();

const decision: Decision = {
  decision: 'approve',
  subject: 'chg_1',
  digest: 'a'.repeat(64),
  base: 'r1',
  approver: 'bob',
};

const signed = (changes: Partial<Signature> = {}, of = decision, pair = bob): Signature => {
  const body = {
    key: keyIdOf(pair.publicKey),
    issued_at: iso(0),
    expires_at: iso(600),
    nonce: 'n1',
    ...changes,
  };
  const value = sign(null, Buffer.from(decisionStatement(of, body)), pair.secret);
  return { ...body, value: value.toString('base64'), ...changes };
};

const codeOf = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    if (isHoldfastError(error)) return error.code;
    throw error;
  }
  return 'accepted';
};

const check = (signature: Signature, of = decision, key = bob.publicKey, now = NOW): string =>
  codeOf(() => verifyDecision(of, signature, key, now));

const INVALID = 'approval_signature_invalid';

describe('the signature of a decision', () => {
  it('is taken from the key that made it, over exactly this decision', () => {
    expect(check(signed())).toBe('accepted');
    expect(check(signed({}, { ...decision, base: '' }), { ...decision, base: '' })).toBe(
      'accepted',
    );
  });

  it('is refused for any other decision and for any change of what was signed', () => {
    const fields = fc.constantFrom('subject', 'digest', 'base', 'approver', 'decision' as const);
    const times = fc.constantFrom('key', 'issued_at', 'expires_at', 'nonce' as const);
    const text = fc.string({ unit: 'binary-ascii', maxLength: 80 });
    const original = signed();
    fc.assert(
      fc.property(fields, times, text, (field, part, other) => {
        if (other !== decision[field])
          expect(check(original, { ...decision, [field]: other } as Decision)).toBe(INVALID);
        if (other !== original[part]) expect(check({ ...original, [part]: other })).toBe(INVALID);
      }),
    );
  });

  it('is refused from another key, also where it names the right one', () => {
    const eve = makePair();
    expect(check(signed({}, decision, eve))).toBe(INVALID);
    expect(check(signed({ key: keyIdOf(bob.publicKey) }, decision, eve))).toBe(INVALID);
    expect(check(signed({}, decision, eve), decision, eve.publicKey)).toBe('accepted');
  });

  it('is refused with any bit turned', () => {
    const bytes = Buffer.from(signed().value, 'base64');
    fc.assert(
      fc.property(fc.nat(63), fc.nat(7), (at, bit) => {
        const turned = Buffer.from(bytes);
        turned[at]! ^= 1 << bit;
        expect(check({ ...signed(), value: turned.toString('base64') })).toBe(INVALID);
      }),
    );
  });

  it('has one spelling: other base64 of the same bytes is refused, and any other length', () => {
    const { value } = signed();
    const bytes = Buffer.from(value, 'base64');
    const spellings = [
      value.replace(/=+$/, ''),
      bytes.toString('base64url'),
      `${value}\n`,
      ` ${value}`,
      `${value.slice(0, -3)}${value.at(-3) === 'A' ? 'B' : 'A'}==`,
      bytes.subarray(0, 63).toString('base64'),
      Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64'),
      '',
    ].filter((spelling) => spelling !== value);
    for (const spelling of spellings) {
      expect(check({ ...signed(), value: spelling }), spelling).toBe(INVALID);
    }
  });

  it('is refused with the group order added to its second half', () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n;
    const bytes = Buffer.from(signed().value, 'base64');
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + L;
    const half = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    const value = Buffer.concat([bytes.subarray(0, 32), half]).toString('base64');
    expect(check({ ...signed(), value })).toBe(INVALID);
  });

  it('cannot be shared by two decisions: a line break in a field is refused', () => {
    const split: Decision = { ...decision, base: '' };
    const merged: Decision = {
      ...decision,
      digest: `${decision.digest}\nbase: `,
      base: 'bob',
      approver: 'bob',
    };
    for (const one of [split, merged, { ...decision, subject: 'chg_1\r' }]) {
      const expected = one === split ? 'accepted' : INVALID;
      expect(check(signed({}, one), one)).toBe(expected);
    }
  });

  it('covers a statement that belongs to one decision only', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ':', ' ', '\n', 'base: '), maxLength: 5 });
    const both = fc.record({ subject: line, digest: line, base: line, approver: line });
    const accepted = (one: object): boolean =>
      check(signed({}, { ...decision, ...one }), { ...decision, ...one }) === 'accepted';
    fc.assert(
      fc.property(both, both, (a, b) => {
        const same =
          decisionStatement({ ...decision, ...a }, signed()) ===
          decisionStatement({ ...decision, ...b }, signed());
        if (same && accepted(a) && accepted(b)) expect(a).toEqual(b);
      }),
    );
  });
});

describe('the time of a signature', () => {
  const timed = (issued: number, expires: number): string =>
    check(signed({ issued_at: iso(issued), expires_at: iso(expires) }));

  it('may be ahead by the skew of a clock, not more', () => {
    expect(timed(CLOCK_SKEW_S, 600)).toBe('accepted');
    expect(timed(CLOCK_SKEW_S + 0.001, 600)).toBe('approval_expired');
  });

  it('ends when it says', () => {
    expect(timed(-600, 0.001)).toBe('accepted');
    expect(timed(-600, 0)).toBe('approval_expired');
  });

  it('is no longer than an hour, and not backwards', () => {
    expect(timed(-10, LONGEST_SIGNATURE_S - 10)).toBe('accepted');
    expect(timed(-10, LONGEST_SIGNATURE_S - 9.999)).toBe('approval_expired');
    expect(timed(30, 20)).toBe('approval_expired');
  });

  it('is none where it cannot be read', () => {
    expect(check(signed({ issued_at: 'yesterday' }))).toBe('approval_expired');
    expect(check(signed({ expires_at: 'never' }))).toBe('approval_expired');
    expect(check(signed(), decision, bob.publicKey, Number.NaN)).toBe('approval_expired');
  });
});

/** Encodings of points of small order (RFC 8032 section 5.1), also those that are not reduced, in hex. */
const SMALL_ORDER = [
  `01${'00'.repeat(31)}`,
  `00${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

describe('a public key', () => {
  it('is named by the digest of its bytes', () => {
    expect(keyIdOf(bob.publicKey)).toMatch(/^ed25519:[0-9a-f]{32}$/);
    expect(keyIdOf(bob.publicKey)).not.toBe(keyIdOf(makePair().publicKey));
    // SHA-256 of the public key of RFC 8032 section 7.1, test 1.
    const known = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    expect(keyIdOf(Buffer.from(known, 'hex').toString('base64'))).toBe(
      'ed25519:21fe31dfa154a261626bf854046fd227',
    );
  });

  it.each(SMALL_ORDER)('is refused where it is %s, of either sign', (hex) => {
    for (const sign_bit of [0, 0x80]) {
      const raw = Buffer.from(hex, 'hex');
      raw[31]! |= sign_bit;
      expect(codeOf(() => keyIdOf(raw.toString('base64')))).toBe('key_invalid');
    }
  });

  it('of small order would let one signature stand for any decision, and is refused with it', () => {
    const raw = Buffer.from(SMALL_ORDER[0]!, 'hex');
    const value = Buffer.concat([raw, Buffer.alloc(32)]);
    const prefix = Buffer.from('302a300506032b6570032100', 'hex');
    const weak = createPublicKey({
      key: Buffer.concat([prefix, raw]),
      format: 'der',
      type: 'spki',
    });
    expect(verify(null, Buffer.from('anything'), weak, value)).toBe(true);
    const forged = { ...signed(), value: value.toString('base64') };
    expect(check(forged, decision, raw.toString('base64'))).toBe(INVALID);
  });

  it('has one spelling and one length', () => {
    const bytes = Buffer.from(bob.publicKey, 'base64');
    for (const other of [
      bob.publicKey.replace('=', ''),
      ` ${bob.publicKey}`,
      bytes.subarray(0, 31).toString('base64'),
      Buffer.concat([bytes, bytes]).toString('base64'),
      bytes.toString('hex'),
      '',
    ]) {
      expect(
        codeOf(() => keyIdOf(other)),
        other,
      ).toBe('key_invalid');
    }
  });
});

describe('the proof of a key', () => {
  const proofOf = (principal: string, pair: Pair, key = pair.publicKey): string =>
    sign(null, Buffer.from(keyStatement(principal, key)), pair.secret).toString('base64');
  const prove = (principal: string, key: string, proof: string): string =>
    codeOf(() => verifyKeyProof(principal, key, proof));

  it('is its signature over who registers it', () => {
    expect(prove('bob', bob.publicKey, proofOf('bob', bob))).toBe('accepted');
  });

  it('is refused for somebody else, for another key and for a decision', () => {
    const eve = makePair();
    expect(prove('eve', bob.publicKey, proofOf('bob', bob))).toBe('key_invalid');
    expect(prove('bob', eve.publicKey, proofOf('bob', bob))).toBe('key_invalid');
    expect(prove('bob', bob.publicKey, proofOf('bob', eve, bob.publicKey))).toBe('key_invalid');
    expect(prove('bob', bob.publicKey, signed().value)).toBe('key_invalid');
    expect(prove('bob\n', bob.publicKey, proofOf('bob\n', bob))).toBe('key_invalid');
  });
});
