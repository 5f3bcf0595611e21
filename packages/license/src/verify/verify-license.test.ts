import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readKeyring } from '../keys/keyring.ts';
import { reasonOf, type LicenseFailure } from './failure.ts';
import { FIELDS, newKey, NOW, signed, verifyText } from './licenses.fixture.ts';
import { PYTHON_KEYRING, PYTHON_LICENSE } from './python-license.fixture.ts';
import { verifyLicense } from './verify-license.ts';
import { verifyReport } from './verify-report.ts';

const key = newKey();
const other = newKey();
const ring = new Map([
  ['other', other.open],
  ['mine', key.open],
]);

const codeOf = (fields: Readonly<Record<string, unknown>>, rest = {}): string =>
  verifyText(signed(fields, key), ring, rest).failure?.code ?? 'ok';

describe('a licence that Python signed', () => {
  const pythonRing = readKeyring(PYTHON_KEYRING) ?? new Map();

  it('holds, whatever its numbers look like', () => {
    expect(verifyText(PYTHON_LICENSE, pythonRing)).toEqual({
      kid: 'first',
      issuer: undefined,
      expiresAt: 2_000_000_000n,
      entitlements: ['apply', 'observe'],
    });
  });

  it('does not hold with another spelling of a number that is another number', () => {
    const changed = [
      ['"rate": 1.0', '"rate": 1'],
      ['123456789012345678901234567890', '123456789012345678901234567891'],
      ['"minus": -0.0', '"minus": 0.0'],
      ['0.30000000000000004', '0.3'],
      ['NaN', 'null'],
    ] as const;
    for (const [from, to] of changed) {
      expect(PYTHON_LICENSE).toContain(from);
      const { failure } = verifyText(PYTHON_LICENSE.replace(from, to), pythonRing);
      expect(failure?.code).toBe('license_signature_invalid');
    }
  });

  it('holds with another spelling of the same number', () => {
    const text = PYTHON_LICENSE.replace('1E16', '10000000000000000.0').replace('1e-7', '0.0000001');
    expect(text).not.toBe(PYTHON_LICENSE);
    expect(verifyText(text, pythonRing).failure).toBeUndefined();
  });
});

describe('the fields of a licence', () => {
  const cases: [LicenseFailure | 'ok', string, Record<string, unknown>][] = [
    ['ok', 'all as they should be', {}],
    ['ok', 'more fields than are known', { extra: { any: [1, 'x', null] } }],
    ['ok', 'an issuer', { issuer: 'Example Issuer' }],
    ['ok', 'no entitlement', { entitlements: [] }],
    ['license_schema_unsupported', 'no schema', { schema_version: undefined }],
    ['license_schema_unsupported', 'another schema', { schema_version: 'license.v2' }],
    ['license_org_invalid', 'no org', { org: undefined }],
    ['license_org_invalid', 'a blank org', { org: ' \t' }],
    ['license_org_invalid', 'an org that is no text', { org: 1 }],
    ['license_time_fields_invalid', 'a time that is a fraction', { expires_at: NOW + 0.5 }],
    ['license_time_fields_invalid', 'a time that is text', { issued_at: String(NOW) }],
    ['license_time_fields_invalid', 'a time that is a boolean', { issued_at: true }],
    ['license_time_fields_invalid', 'no time', { expires_at: undefined }],
    ['license_entitlements_invalid', 'no entitlements', { entitlements: undefined }],
    ['license_entitlements_invalid', 'entitlements as text', { entitlements: 'apply' }],
    ['license_entitlements_invalid', 'an entitlement that is no text', { entitlements: [1] }],
    ['license_bindings_invalid', 'bindings as a list', { bindings: [] }],
    ['license_bindings_invalid', 'bindings of null', { bindings: null }],
    ['license_kid_invalid', 'a kid that is no text', { kid: 7 }],
    ['license_kid_invalid', 'a blank kid', { kid: ' ' }],
    ['license_kid_invalid', 'a kid of null', { kid: null }],
    ['license_issuer_invalid', 'an issuer that is no text', { issuer: {} }],
    ['license_time_window_invalid', 'an end before its begin', { expires_at: NOW - 11 }],
    ['license_time_window_invalid', 'no time between', { expires_at: NOW - 10 }],
  ];
  test.each(cases)('%s: %s', (code, _what, changes) => {
    expect(codeOf({ ...FIELDS, ...changes })).toBe(code);
  });

  it('may be times that no double holds', () => {
    const text = (issued: string, expires: string) =>
      signed({ ...FIELDS, issued_at: 1, expires_at: 2 }, key)
        .replace('"issued_at":1', `"issued_at":${issued}`)
        .replace('"expires_at":2', `"expires_at":${expires}`);
    // The signature is not theirs: what counts is that the shape was taken.
    expect(verifyText(text('-0', '9'.repeat(400)), ring).failure?.code).toBe(
      'license_signature_invalid',
    );
    expect(verifyText(text('1.0', '2'), ring).failure?.code).toBe('license_time_fields_invalid');
    expect(verifyText(text('1e0', '2'), ring).failure?.code).toBe('license_time_fields_invalid');
  });
});

describe('the order of the checks', () => {
  it('is that of the contract: the first thing wrong is reported', () => {
    const fields: Record<string, unknown> = {
      schema_version: 'x',
      org: '',
      issued_at: 1.5,
      expires_at: '',
      entitlements: 0,
      bindings: 0,
      kid: 0,
      issuer: 0,
      signature: 0,
    };
    const seen: (string | undefined)[] = [];
    const look = (ringNow = ring, rest = {}) => {
      const verdict = verifyText(JSON.stringify(fields), ringNow, rest);
      seen.push(verdict.failure?.code ?? 'ok');
    };
    look();
    Object.assign(fields, { schema_version: 'license.v1' });
    look();
    Object.assign(fields, { org: 'Example' });
    look();
    Object.assign(fields, { issued_at: NOW + 20, expires_at: NOW - 20 });
    look();
    Object.assign(fields, { entitlements: ['apply'] });
    look();
    Object.assign(fields, { bindings: { kube_context: 'prod', pod: 1 } });
    look();
    Object.assign(fields, { kid: 'unknown' });
    look();
    Object.assign(fields, { issuer: 'Example' });
    look();
    Object.assign(fields, { signature: 'x' });
    look(new Map());
    look();
    Object.assign(fields, { kid: 'mine' });
    look();
    const resign = (changes: object) => {
      const { signature: _signature, ...rest } = { ...fields, ...changes };
      Object.assign(fields, JSON.parse(signed(rest, key)));
    };
    resign({});
    look();
    resign({ expires_at: NOW + 30 });
    look();
    look(ring, { nowS: NOW + 30 });
    look(ring, { nowS: NOW + 20 });
    resign({ bindings: { kube_context: 'prod' } });
    look(ring, { nowS: NOW + 20, kubeContext: 'stage' });
    look(ring, { nowS: NOW + 20, kubeContext: 'prod' });
    expect(seen).toEqual([
      'license_schema_unsupported',
      'license_org_invalid',
      'license_time_fields_invalid',
      'license_entitlements_invalid',
      'license_bindings_invalid',
      'license_kid_invalid',
      'license_issuer_invalid',
      'license_signature_missing',
      'public_keys_unavailable',
      'license_unknown_kid',
      'license_signature_invalid',
      'license_time_window_invalid',
      'license_not_yet_valid',
      'license_expired',
      'license_binding_invalid',
      'license_binding_mismatch',
      'ok',
    ]);
  });

  it('begins with the file', () => {
    const code = (license: Parameters<typeof verifyLicense>[0]['license']) =>
      verifyLicense({ license, trust: { ring }, nowS: NOW }).failure?.code;
    expect(code({ problem: 'missing', detail: 'x' })).toBe('license_io_error');
    expect(code({ problem: 'unreadable', detail: 'x' })).toBe('license_io_error');
    expect(code({ text: '{"org":' })).toBe('license_invalid_json');
    expect(code({ text: '\ufeff{}' })).toBe('license_invalid_json');
    expect(code({ text: '[]' })).toBe('license_invalid_shape');
  });
});

describe('the key of a licence', () => {
  it('is the one that its kid names and no other', () => {
    expect(codeOf({ ...FIELDS, kid: 'mine' })).toBe('ok');
    expect(codeOf({ ...FIELDS, kid: 'other' })).toBe('license_signature_invalid');
    expect(codeOf({ ...FIELDS, kid: 'mine ' })).toBe('license_unknown_kid');
    expect(codeOf({ ...FIELDS, kid: 'Mine' })).toBe('license_unknown_kid');
  });

  it('may be any of the ring without a kid', () => {
    expect(codeOf(FIELDS)).toBe('ok');
    const { failure } = verifyText(signed(FIELDS, key), new Map([['other', other.open]]));
    expect(failure?.code).toBe('license_signature_invalid');
  });

  it('cannot be changed after it was signed', () => {
    const document = JSON.parse(signed({ ...FIELDS, kid: 'mine' }, key)) as object;
    for (const kid of ['other', undefined]) {
      const { failure } = verifyText(JSON.stringify({ ...document, kid }), ring);
      expect(failure?.code).toBe('license_signature_invalid');
    }
  });
});

describe('the signature', () => {
  const text = signed(FIELDS, key);
  const good = (JSON.parse(text) as { signature: string }).signature;

  test.each([
    ['empty', '', 'license_signature_missing'],
    ['of 63 bytes', Buffer.from(good, 'base64').subarray(1).toString('base64'), undefined],
    ['without padding', good.replace(/=+$/, ''), undefined],
    ['with a line break', `${good}\n`, undefined],
    ['in the alphabet for URLs', `-_${good.slice(2)}`, undefined],
    ['of the wrong bytes', Buffer.alloc(64, 1).toString('base64'), undefined],
  ])('%s is refused', (_what, signature, code = 'license_signature_invalid') => {
    const changed = JSON.stringify({ ...(JSON.parse(text) as object), signature });
    expect(verifyText(changed, ring).failure?.code).toBe(code);
  });

  it('covers every byte of what was signed', () => {
    const signedPart = text.indexOf('"signature"');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: signedPart - 1 }),
        fc.constantFrom('', '0', 'x', '}', '"', '1,'),
        (at, put) => {
          const changed = text.slice(0, at) + put + text.slice(at + 1);
          fc.pre(changed !== text);
          expect(verifyText(changed, ring).failure).toBeDefined();
        },
      ),
    );
  });

  it('does not cover a document that UTF-8 cannot say', () => {
    const changed = text.replace('"Example"', '"\\ud800"');
    expect(verifyText(changed, ring).failure?.code).toBe('license_signature_invalid');
  });
});

describe('the times', () => {
  test.each([
    [NOW - 11, 'license_not_yet_valid'],
    [NOW - 10, 'ok'],
    [NOW + 9.999, 'ok'],
    [NOW + 10, 'license_expired'],
  ])('at %d: %s', (nowS, code) => {
    expect(codeOf(FIELDS, { nowS })).toBe(code);
  });
});

describe('the bindings', () => {
  test.each([
    [{}, undefined, 'ok'],
    [{ kube_context: 'prod' }, 'prod', 'ok'],
    [{ kube_context: 'prod' }, 'prod ', 'license_binding_mismatch'],
    [{ kube_context: 'prod' }, undefined, 'license_binding_mismatch'],
    [{ kube_context: '' }, '', 'license_binding_invalid'],
    [{ kube_context: 1 }, 'prod', 'license_binding_invalid'],
    [{ kube_context: 'prod', node: 'a' }, 'prod', 'license_binding_invalid'],
  ])('%j in context %j: %s', (bindings, kubeContext, code) => {
    expect(codeOf({ ...FIELDS, bindings }, { kubeContext })).toBe(code);
  });
});

describe('the report', () => {
  it('carries what held, under both names', () => {
    const fields = {
      ...FIELDS,
      entitlements: ['observe', ' apply', 'apply', ' '],
      kid: 'mine',
      issuer: 'Example',
    };
    expect(verifyReport(verifyText(signed(fields, key), ring))).toEqual({
      schema_version: 'license_verify.v0',
      license_ok: true,
      reason: 'ok',
      reason_code: 'ok',
      failure_code: null,
      failure_detail: null,
      kid: 'mine',
      issuer: 'Example',
      expiry: NOW + 10,
      expires_at: NOW + 10,
      entitlements: ['apply', 'observe'],
      entitlements_summary: ['apply', 'observe'],
    });
  });

  it('repeats nothing but the origin of what nobody signed', () => {
    const text = signed({ ...FIELDS, kid: 'unknown', issuer: 'Example' }, key);
    expect(verifyReport(verifyText(text, ring))).toMatchObject({
      license_ok: false,
      reason: 'license_invalid',
      failure_code: 'license_unknown_kid',
      kid: 'unknown',
      issuer: 'Example',
      expires_at: null,
      entitlements: [],
    });
  });

  it('keeps what an expired licence said', () => {
    const verdict = verifyText(signed(FIELDS, key), ring, { nowS: NOW + 10 });
    expect(verifyReport(verdict)).toMatchObject({
      license_ok: false,
      reason: 'license_expired',
      failure_code: 'license_expired',
      expires_at: NOW + 10,
      entitlements: ['apply'],
    });
  });

  it('names four reasons', () => {
    expect(reasonOf('license_binding_mismatch')).toBe('binding_mismatch');
    expect(reasonOf('license_binding_invalid')).toBe('license_invalid');
    expect(reasonOf('license_not_yet_valid')).toBe('license_invalid');
    expect(reasonOf('issuer_keyset_missing')).toBe('license_invalid');
  });
});
