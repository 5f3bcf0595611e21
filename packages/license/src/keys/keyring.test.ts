import { describe, expect, it, test } from 'vitest';
import { isSignedBy, newPrivateKey, publicKeyOf, signMessage } from './ed25519.ts';
import { BUILT_IN_RING, readKeyring, writeKeyring } from './keyring.ts';
import { isWeakKey } from './weak-key.ts';

const hex = (text: string) => Buffer.from(text, 'hex');

/** RFC 8032 section 7.1, TEST 1 to 3: private key, public key, message, signature. */
const VECTORS = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

describe('Ed25519 over raw keys', () => {
  test.each(VECTORS)('agrees with RFC 8032 for key %s', (secret, open, message, signature) => {
    expect(publicKeyOf(hex(secret)).toString('hex')).toBe(open);
    expect(signMessage(hex(message), hex(secret)).toString('hex')).toBe(signature);
    expect(isSignedBy(hex(message), hex(signature), hex(open))).toBe(true);
    expect(isSignedBy(hex(`${message}00`), hex(signature), hex(open))).toBe(false);
  });

  it('takes nothing that is no key or no signature', () => {
    const [secret, open, message, signature] = VECTORS[1];
    expect(isSignedBy(hex(message), hex(signature).subarray(1), hex(open))).toBe(false);
    expect(isSignedBy(hex(message), hex(signature), hex(open).subarray(1))).toBe(false);
    expect(isSignedBy(hex(message), hex(signature), Buffer.alloc(0))).toBe(false);
    expect(isSignedBy(hex(message), hex(signature), hex(secret))).toBe(false);
  });

  it('makes a new private key each time', () => {
    expect(newPrivateKey()).toHaveLength(32);
    expect(newPrivateKey().equals(newPrivateKey())).toBe(false);
  });
});

describe('points of small order', () => {
  // The eight of them, and spellings that are not reduced.
  test.each([
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ])('%s is one', (key) => {
    expect(isWeakKey(hex(key))).toBe(true);
  });

  test.each(VECTORS)('the public key of %s is none', (_secret, open) => {
    expect(isWeakKey(hex(open))).toBe(false);
  });
});

describe('a keyring', () => {
  const key = publicKeyOf(hex(VECTORS[0][0]));
  const good = key.toString('base64');

  it('keeps what is base64 of 32 bytes and drops the rest', () => {
    const ring = readKeyring(
      JSON.stringify({
        good,
        ' spaced ': good,
        number: 1,
        none: null,
        list: [good],
        short: key.subarray(1).toString('base64'),
        long: Buffer.concat([key, key]).toString('base64'),
        unpadded: good.replace(/=+$/, ''),
        url: Buffer.alloc(32, 0xfb).toString('base64url'),
        broken: ` ${good}`,
        zeros: Buffer.alloc(32).toString('base64'),
        '': good,
        ' ': good,
      }),
    );
    expect([...(ring ?? [])]).toEqual([
      ['good', key],
      [' spaced ', key],
    ]);
  });

  it('lets the last of two equal key ids win, and takes any name for one', () => {
    const other = publicKeyOf(hex(VECTORS[1][0]));
    const ring = readKeyring(
      `{"a":"${other.toString('base64')}","__proto__":"${good}","a":"${good}"}`,
    );
    expect(ring?.get('a')).toEqual(key);
    expect(ring?.get('__proto__')).toEqual(key);
    expect(ring?.get('toString')).toBeUndefined();
  });

  test.each(['[]', '"x"', '1', 'null'])('is an object: %s is none', (text) => {
    expect(readKeyring(text)).toBeUndefined();
  });

  it('is read back as it was written', () => {
    const ring = new Map([
      ['b', key],
      ['a"\u00e9', key],
    ]);
    expect(new Map(readKeyring(writeKeyring(ring)))).toEqual(ring);
    expect(readKeyring(writeKeyring(new Map()))?.size).toBe(0);
  });

  it('is empty where none is configured', () => {
    expect(BUILT_IN_RING.size).toBe(0);
  });
});
