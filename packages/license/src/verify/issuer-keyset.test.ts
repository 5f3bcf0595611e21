import { describe, expect, it, test } from 'vitest';
import type { LicenseFailure } from './failure.ts';
import { FIELDS, newKey, NOW, signed, verifyText } from './licenses.fixture.ts';
import type { FoundText } from './signed-document.ts';

const root = newKey();
const issuer = newKey();
const stranger = newKey();
const roots = new Map([['root', root.open]]);

const KEYSET = {
  schema_version: 'issuer_keyset.v1',
  root_kid: 'root',
  keys: { issuer: issuer.text, next: stranger.text },
};

const codeOf = (
  keyset: FoundText | undefined,
  fields: object = { kid: 'issuer' },
  key = issuer,
  ring: ReadonlyMap<string, Uint8Array> = roots,
): string =>
  verifyText(signed({ ...FIELDS, ...fields }, key), ring, {
    trust: { ring, chain: { keyset } },
    nowS: NOW,
  }).failure?.code ?? 'ok';

const keyset = (changes: Record<string, unknown> = {}, key = root): FoundText => ({
  text: signed({ ...KEYSET, ...changes }, key),
});

describe('a chain of trust', () => {
  it('reaches from a root key over the keyset to the licence', () => {
    expect(codeOf(keyset())).toBe('ok');
    expect(codeOf(keyset(), {}, stranger)).toBe('ok');
  });

  it('does not take a licence that the root key signed itself', () => {
    expect(codeOf(keyset(), { kid: 'root' }, root)).toBe('license_unknown_issuer_kid');
    expect(codeOf(keyset(), {}, root)).toBe('license_signature_invalid');
  });

  it('holds only the key that the kid names', () => {
    expect(codeOf(keyset(), { kid: 'next' })).toBe('license_signature_invalid');
  });

  it('is not used where nobody asks for it', () => {
    const { failure } = verifyText(signed({ ...FIELDS, kid: 'issuer' }, issuer), roots);
    expect(failure?.code).toBe('license_unknown_kid');
  });

  const cases: [LicenseFailure, string, FoundText | undefined][] = [
    ['issuer_keyset_missing', 'none is named', undefined],
    ['issuer_keyset_missing', 'the file is not there', { problem: 'missing', detail: '' }],
    ['issuer_keyset_io_error', 'the file is closed', { problem: 'unreadable', detail: '' }],
    ['issuer_keyset_invalid_json', 'half a text', { text: '{' }],
    ['issuer_keyset_invalid_shape', 'a list', { text: '[]' }],
    ['issuer_keyset_schema_unsupported', 'schema', keyset({ schema_version: 'license.v1' })],
    ['issuer_keyset_root_kid_invalid', 'a number', keyset({ root_kid: 1 })],
    ['issuer_keyset_root_kid_invalid', 'no root kid', keyset({ root_kid: undefined })],
    ['issuer_keyset_unknown_root_kid', 'another root', keyset({ root_kid: 'issuer' })],
    ['issuer_keyset_signature_missing', 'unsigned', { text: JSON.stringify(KEYSET) }],
    ['issuer_keyset_keys_invalid', 'no keys', keyset({ keys: {} })],
    ['issuer_keyset_keys_invalid', 'keys as a list', keyset({ keys: [issuer.text] })],
    ['issuer_keyset_keys_invalid', 'one bad key', keyset({ keys: { ...KEYSET.keys, x: 'AA==' } })],
    ['issuer_keyset_keys_invalid', 'a blank kid', keyset({ keys: { ' ': issuer.text } })],
    ['issuer_keyset_signature_invalid', 'another signer', keyset({}, stranger)],
  ];
  test.each(cases)('%s: %s', (code, _what, file) => {
    expect(codeOf(file)).toBe(code);
  });

  it('needs a root key before it looks at the keyset', () => {
    expect(codeOf(undefined, {}, issuer, new Map())).toBe('root_public_keys_unavailable');
  });

  it('is looked at after the fields of the licence', () => {
    expect(codeOf(undefined, { org: '' })).toBe('license_org_invalid');
  });

  it('names no key of a keyset in what it says', () => {
    const verdict = verifyText(signed(FIELDS, issuer), roots, {
      trust: { ring: roots, chain: { keyset: keyset({ keys: { a: issuer.text, b: 'hunter2' } }) } },
    });
    expect(verdict.failure?.detail).toBe('key 2 of 2 is no base64 of a raw Ed25519 public key');
  });
});
