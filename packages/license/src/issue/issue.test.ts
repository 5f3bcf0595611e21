import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { publicKeyOf } from '../keys/ed25519.ts';
import { readKeyring } from '../keys/keyring.ts';
import { newKey, NOW, verifyText } from '../verify/licenses.fixture.ts';
import { verifyReport } from '../verify/verify-report.ts';
import { generateKey } from './generate-key.ts';
import { issueKeyset } from './issue-keyset.ts';
import { issueLicense, parseEntitlements, parseExpiry } from './issue-license.ts';
import { mintDev } from './mint-dev.ts';
import { loadIssuerKey, readPrivateKey } from './private-key.ts';

const key = newKey();

const ORDER = {
  kid: 'mine',
  org: 'Example \u00e9 \u{1f600}',
  issuedAtS: NOW,
  expiresAtS: NOW + 60,
  entitlements: ['apply'],
};

const refusal = (code: string) => expect.objectContaining({ name: 'LicenseToolError', code });

describe('a licence that is issued', () => {
  it('verifies with the public half of its key, and reads well', () => {
    const text = issueLicense(ORDER, key.secret);
    expect(verifyText(text, new Map([['mine', key.open]])).failure).toBeUndefined();
    expect(JSON.parse(text)).toEqual({
      schema_version: 'license.v1',
      org: ORDER.org,
      issued_at: NOW,
      expires_at: NOW + 60,
      entitlements: ['apply'],
      bindings: {},
      kid: 'mine',
      signature: expect.any(String) as string,
    });
    expect(text).toMatch(/^\{\n {2}"bindings": \{\},\n {2}"entitlements": \[\n/);
    expect(text).toMatch(/\n\}\n$/);
  });

  it('may be bound to a kube context and name its issuer', () => {
    const text = issueLicense({ ...ORDER, kubeContext: 'prod', issuer: 'Example' }, key.secret);
    const ring = new Map([['mine', key.open]]);
    expect(verifyText(text, ring, { kubeContext: 'prod' })).toMatchObject({ issuer: 'Example' });
    expect(verifyText(text, ring, { kubeContext: 'x' }).failure?.code).toBe(
      'license_binding_mismatch',
    );
  });

  test.each([
    ['kid_invalid', { kid: '' }],
    ['kid_invalid', { kid: 'a b' }],
    ['kid_invalid', { kid: 'x'.repeat(129) }],
    ['org_invalid', { org: ' ' }],
    ['entitlements_invalid', { entitlements: [] }],
    ['entitlements_invalid', { entitlements: ['apply', ' '] }],
    ['expiry_past', { expiresAtS: NOW }],
    ['expiry_past', { expiresAtS: NaN }],
    ['not_signable', { org: '\ud800' }],
    ['self_check_failed', { kubeContext: ' ' }],
    ['self_check_failed', { issuer: ' ' }],
  ])('is refused with %s: %j', (code, changes) => {
    expect(() => issueLicense({ ...ORDER, ...changes }, key.secret)).toThrow(refusal(code));
  });
});

describe('what is given with a licence', () => {
  it('ends at a whole second in UTC', () => {
    expect(parseExpiry('2027-01-15T08:00:00Z')).toBe(NOW);
    expect(parseExpiry('2028-02-29T23:59:59Z')).toBe(1_835_481_599);
  });

  test.each([
    '2027-01-15',
    '2027-01-15T08:00:00',
    '2027-01-15T08:00:00+00:00',
    '2027-01-15T08:00:00.5Z',
    '2027-01-15 08:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-15T24:00:00Z',
    '',
  ])('does not end at %j', (text) => {
    expect(() => parseExpiry(text)).toThrow(refusal('expiry_invalid'));
  });

  it('entitles to a list of names', () => {
    expect(parseEntitlements('apply, observe')).toEqual(['apply', 'observe']);
    for (const text of ['', 'apply,', ',', ' , a'])
      expect(() => parseEntitlements(text)).toThrow(refusal('entitlements_invalid'));
  });
});

describe('an issuer keyset', () => {
  it('lets a licence of one of its keys hold', () => {
    const root = newKey();
    const text = issueKeyset(new Map([['mine', key.open]]), 'root', root.secret);
    const ring = new Map([['root', root.open]]);
    const license = issueLicense(ORDER, key.secret);
    expect(
      verifyText(license, ring, { trust: { ring, chain: { keyset: { text } } } }).failure,
    ).toBeUndefined();
  });

  it('is refused without keys, with weak ones and with a root without a name', () => {
    expect(() => issueKeyset(new Map(), 'root', key.secret)).toThrow(refusal('self_check_failed'));
    expect(() => issueKeyset(new Map([['a', Buffer.alloc(32)]]), 'root', key.secret)).toThrow(
      refusal('self_check_failed'),
    );
    expect(() => issueKeyset(new Map([['a', key.open]]), '', key.secret)).toThrow(
      refusal('kid_invalid'),
    );
  });
});

describe('a licence for development', () => {
  it('holds for ten years from a minute ago, with its own ring', () => {
    const { kid, licenseText, keyringText } = mintDev(NOW + 0.7);
    const ring = readKeyring(keyringText) ?? new Map();
    expect([...ring.keys()]).toEqual([kid]);
    expect(kid).toMatch(/^dev-[0-9a-f]{16}$/);
    expect(verifyReport(verifyText(licenseText, ring))).toMatchObject({
      license_ok: true,
      kid,
      expires_at: NOW - 60 + 315_360_000,
      entitlements: ['apply', 'observe', 'paid'],
    });
    expect(verifyText(licenseText, ring, { nowS: NOW - 60 }).failure).toBeUndefined();
    expect(verifyText(licenseText, ring, { nowS: NOW - 61 }).failure?.code).toBe(
      'license_not_yet_valid',
    );
  });

  it('has a key of its own each time', () => {
    const [one, two] = [mintDev(NOW), mintDev(NOW)];
    const ring = readKeyring(one.keyringText) ?? new Map();
    expect(verifyText(two.licenseText, ring).failure?.code).toBe('license_unknown_kid');
  });
});

describe('a new key', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'license-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const order = (changes: object = {}) => ({
    kid: 'first',
    outPriv: 'secrets/first.key',
    outKeyring: 'ring.json',
    cwd,
    ...changes,
  });
  const ringNow = (name = 'ring.json') =>
    readKeyring(readFileSync(join(cwd, name), 'utf8')) ?? new Map();

  it('is 32 raw bytes that nobody else may read, and its public half in a ring', () => {
    generateKey(order());
    const file = join(cwd, 'secrets/first.key');
    expect(statSync(file).size).toBe(32);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect([...ringNow()]).toEqual([['first', publicKeyOf(readPrivateKey(file))]]);
    const text = issueLicense({ ...ORDER, kid: 'first' }, readPrivateKey(file));
    expect(verifyText(text, ringNow()).failure).toBeUndefined();
  });

  it('joins the ring it is merged into, so that older licences hold', () => {
    generateKey(order({ mergeKeyring: 'ring.json' }));
    const first = ringNow().get('first');
    generateKey(order({ kid: 'second', outPriv: 'second.key', mergeKeyring: 'ring.json' }));
    expect([...ringNow().keys()]).toEqual(['first', 'second']);
    expect(ringNow().get('first')).toEqual(first);
    generateKey(
      order({
        kid: 'third',
        outPriv: 'third.key',
        outKeyring: 'new.json',
        mergeKeyring: 'ring.json',
      }),
    );
    expect(ringNow('new.json').size).toBe(3);
    expect(ringNow().size).toBe(2);
  });

  it('is written over nothing', () => {
    generateKey(order());
    const before = readFileSync(join(cwd, 'secrets/first.key'));
    const ring = readFileSync(join(cwd, 'ring.json'), 'utf8');
    const attempts: [string, object][] = [
      ['private_key_exists', { kid: 'second', mergeKeyring: 'ring.json' }],
      ['keyring_exists', { kid: 'second', outPriv: 'second.key' }],
      ['kid_taken', { outPriv: 'second.key', mergeKeyring: 'ring.json' }],
      ['private_key_exists', { outPriv: 'same', outKeyring: './same' }],
      ['kid_invalid', { kid: ' ' }],
      ['keyring_invalid', { outKeyring: 'new.json', mergeKeyring: 'gone.json' }],
    ];
    for (const [code, changes] of attempts)
      expect(() => generateKey(order(changes)), code).toThrow(refusal(code));
    expect(readFileSync(join(cwd, 'secrets/first.key'))).toEqual(before);
    expect(readFileSync(join(cwd, 'ring.json'), 'utf8')).toBe(ring);
    expect(readdirSync(cwd).sort()).toEqual(['ring.json', 'secrets']);
  });

  it.each(['not json', '[]'])('does not join a ring that is %j', (text) => {
    writeFileSync(join(cwd, 'ring.json'), text);
    expect(() => generateKey(order({ mergeKeyring: 'ring.json' }))).toThrow(
      refusal('keyring_invalid'),
    );
    expect(readdirSync(cwd)).toEqual(['ring.json']);
  });

  it('leaves no private key behind where its ring cannot be written', () => {
    writeFileSync(join(cwd, 'file'), '');
    expect(() => generateKey(order({ outKeyring: 'file/ring.json' }))).toThrow(
      refusal('write_failed'),
    );
    expect(() => generateKey(order({ outPriv: 'file/key' }))).toThrow(refusal('write_failed'));
    expect(readdirSync(join(cwd, 'secrets'))).toEqual([]);
    expect(readdirSync(cwd).sort()).toEqual(['file', 'secrets']);
  });

  it('is found by the flag, by the environment, or not at all', () => {
    generateKey(order());
    const env = { MODEKEEPER_ISSUER_PRIVKEY_PATH: 'secrets/first.key' };
    const wanted = readPrivateKey(join(cwd, 'secrets/first.key'));
    expect(loadIssuerKey('secrets/first.key', { env: {}, cwd })).toEqual(wanted);
    expect(loadIssuerKey(undefined, { env, cwd })).toEqual(wanted);
    expect(() => loadIssuerKey(undefined, { env: {}, cwd })).toThrow(
      refusal('private_key_missing'),
    );
  });

  it('is read from 32 bytes and nothing else', () => {
    expect(() => readPrivateKey(join(cwd, 'gone'))).toThrow(refusal('private_key_unreadable'));
    mkdirSync(join(cwd, 'folder'));
    expect(() => readPrivateKey(join(cwd, 'folder'))).toThrow(refusal('private_key_unreadable'));
    for (const text of ['', 'x'.repeat(31), 'hunter2'.repeat(100)]) {
      writeFileSync(join(cwd, 'key'), text);
      expect(() => readPrivateKey(join(cwd, 'key'))).toThrow(/^the private key is not a file of/);
    }
  });
});
