import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { FIELDS, newKey, NOW, signed } from '../verify/licenses.fixture.ts';
import { checkLicense, evaluateForApply } from './evaluate-for-apply.ts';
import {
  locateIssuerKey,
  locateKeyring,
  locateLicenseForApply,
  locateLicenseForVerify,
  type Surroundings,
} from './locate.ts';
import { asksForOverride } from './override.ts';

const key = newKey();
const RING = JSON.stringify({ mine: key.text });

let folder: string;
let cwd: string;
let home: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'license-'));
  cwd = join(folder, 'cwd');
  home = join(folder, 'home');
  mkdirSync(cwd);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const inHome = (name: string) => join(home, '.config', 'modekeeper', name);

const around = (env: Record<string, string> = {}): Surroundings => ({ env, cwd, home });

const apply = (rest: Partial<Parameters<typeof evaluateForApply>[0]> = {}) =>
  evaluateForApply({ around: around(), nowS: NOW, ...rest });

describe('where a licence is looked for', () => {
  const env = { MODEKEEPER_LICENSE_PATH: 'env.json' };

  it('for an apply: the flag, the environment, the current folder', () => {
    expect(locateLicenseForApply(undefined, around())).toBeUndefined();
    put(inHome('license.json'), '{}');
    expect(locateLicenseForApply(undefined, around())).toBeUndefined();
    put(join(cwd, 'modekeeper.license.json'), '{}');
    expect(locateLicenseForApply(undefined, around())).toEqual({
      path: './modekeeper.license.json',
      file: join(cwd, 'modekeeper.license.json'),
      from: 'cwd',
    });
    expect(locateLicenseForApply(undefined, around(env))).toEqual({
      path: 'env.json',
      file: join(cwd, 'env.json'),
      from: 'env',
    });
    expect(locateLicenseForApply('/a/flag.json', around(env))).toEqual({
      path: '/a/flag.json',
      file: '/a/flag.json',
      from: 'flag',
    });
  });

  it('for a check: the flag, the environment, the home folder, there or not', () => {
    put(join(cwd, 'modekeeper.license.json'), '{}');
    expect(locateLicenseForVerify('flag.json', around(env))?.from).toBe('flag');
    expect(locateLicenseForVerify('', around(env))?.from).toBe('env');
    expect(locateLicenseForVerify(undefined, around())).toMatchObject({
      path: inHome('license.json'),
      from: 'home',
    });
    expect(locateLicenseForVerify(undefined, { env: {}, cwd })).toBeUndefined();
  });

  it('treats an empty variable as an unset one', () => {
    const empty = around({ MODEKEEPER_LICENSE_PATH: '', MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: '' });
    expect(locateLicenseForApply('', empty)).toBeUndefined();
    expect(locateKeyring('', empty)).toBeUndefined();
  });
});

describe('where keys are looked for', () => {
  it('public ones: the flag, the environment, the home folder if there', () => {
    const env = { MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'ring.json' };
    expect(locateKeyring(undefined, around())).toBeUndefined();
    put(inHome('license_public_keys.json'), RING);
    expect(locateKeyring(undefined, around())?.from).toBe('home');
    expect(locateKeyring(undefined, around(env))?.from).toBe('env');
    expect(locateKeyring('flag.json', around(env))?.from).toBe('flag');
  });

  it('the private one: the flag, the environment, nowhere else', () => {
    const env = { MODEKEEPER_ISSUER_PRIVKEY_PATH: 'key' };
    expect(locateIssuerKey(undefined, around())).toBeUndefined();
    expect(locateIssuerKey(undefined, around(env))).toMatchObject({ path: 'key', from: 'env' });
    expect(locateIssuerKey('other', around(env))).toMatchObject({ path: 'other', from: 'flag' });
  });
});

describe('a licence for an apply', () => {
  const license = (changes: object = {}) =>
    put(join(cwd, 'modekeeper.license.json'), signed({ ...FIELDS, ...changes }, key));
  const ring = () => put(inHome('license_public_keys.json'), RING);

  it('is missing where none is named or found', () => {
    ring();
    expect(apply()).toEqual({
      license_ok: false,
      reason: 'license_missing',
      license_path: null,
      report: null,
    });
  });

  it('is ok when it holds and entitles to apply', () => {
    ring();
    license();
    expect(apply()).toMatchObject({
      license_ok: true,
      reason: 'ok',
      license_path: './modekeeper.license.json',
      report: { license_ok: true, entitlements: ['apply'] },
    });
  });

  it('is invalid where the named file is not there, though another one would do', () => {
    ring();
    license();
    expect(apply({ licensePath: 'other.json' })).toMatchObject({
      license_ok: false,
      reason: 'license_invalid',
      license_path: 'other.json',
      report: { failure_code: 'license_io_error', failure_detail: 'there is no such file' },
    });
  });

  test.each([
    ['license_invalid', { kid: 'unknown' }],
    ['license_expired', { expires_at: NOW }],
    ['binding_mismatch', { bindings: { kube_context: 'other' } }],
    ['entitlement_missing', { entitlements: ['observe'] }],
    ['entitlement_missing', { entitlements: ['Apply', 'apply-all'] }],
    ['license_expired', { expires_at: NOW, entitlements: [] }],
  ])('gives %s for %j', (reason, changes) => {
    ring();
    license(changes);
    const answer = apply({ kubeContext: 'here' });
    expect(answer).toMatchObject({ license_ok: false, reason });
  });

  it('needs a ring that somebody configured', () => {
    license();
    expect(apply().report?.failure_code).toBe('public_keys_unavailable');
  });

  test.each([
    ['is not there', undefined, /there is no such file$/],
    ['is no JSON', '{"mine":hunter2', /expected a value at offset 8$/],
    ['is a list', '[]', /it is no JSON object$/],
    ['holds no key', '{"mine":"x"}', /it holds no usable key$/],
  ])('does not fall back where the named ring %s', (_what, text, detail) => {
    ring();
    license();
    if (text !== undefined) put(join(cwd, 'ring.json'), text);
    const { reason, report } = apply({
      around: around({ MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'ring.json' }),
    });
    expect(reason).toBe('license_invalid');
    expect(report?.failure_code).toBe('public_keys_unavailable');
    expect(report?.failure_detail).toMatch(detail);
  });

  it('is not replaced by variables of the environment', () => {
    ring();
    const env = { MODEKEEPER_PAID: '1', MODEKEEPER_INTERNAL_OVERRIDE: '1' };
    expect(asksForOverride(env)).toBe(true);
    expect(apply({ around: around(env) }).reason).toBe('license_missing');
    license({ entitlements: [] });
    expect(apply({ around: around(env) }).reason).toBe('entitlement_missing');
    expect(asksForOverride({ MODEKEEPER_PAID: '1', MODEKEEPER_INTERNAL_OVERRIDE: 'true' })).toBe(
      false,
    );
  });

  it('may be believed over an issuer keyset', () => {
    const issuer = newKey();
    ring();
    const keyset = {
      schema_version: 'issuer_keyset.v1',
      root_kid: 'mine',
      keys: { issuer: issuer.text },
    };
    put(join(cwd, 'keyset.json'), signed(keyset, key));
    put(join(cwd, 'modekeeper.license.json'), signed({ ...FIELDS, kid: 'issuer' }, issuer));
    expect(apply({ trustChain: true, issuerKeyset: 'keyset.json' }).reason).toBe('ok');
    expect(apply({ issuerKeyset: 'keyset.json' }).report?.failure_code).toBe('license_unknown_kid');
    expect(apply({ trustChain: true }).report?.failure_code).toBe('issuer_keyset_missing');
    expect(apply({ trustChain: true, issuerKeyset: 'x.json' }).report?.failure_code).toBe(
      'issuer_keyset_missing',
    );
  });
});

describe('a file that cannot be a licence', () => {
  const check = (licensePath?: string) =>
    checkLicense({ licensePath, around: around(), nowS: NOW }).report;

  it('is reported and never thrown', () => {
    mkdirSync(join(cwd, 'folder'));
    writeFileSync(join(cwd, 'latin1'), Buffer.from([0x22, 0xe9, 0x22]));
    writeFileSync(join(cwd, 'long'), `"${'x'.repeat(1024 * 1024)}"`);
    const details = [undefined, 'folder', 'latin1', 'long', 'cwd/x/y'].map((path) => {
      const report = check(path);
      expect(report.failure_code).toBe('license_io_error');
      return report.failure_detail;
    });
    expect(details).toEqual([
      'there is no such file',
      'the file cannot be read: EISDIR',
      'the file is no UTF-8',
      'the file is longer than 1048576 bytes',
      'there is no such file',
    ]);
  });

  it('says so where there is no home folder to look in', () => {
    expect(checkLicense({ around: { env: {}, cwd }, nowS: NOW })).toMatchObject({
      license_path: null,
      report: { failure_code: 'license_io_error', failure_detail: 'no licence is configured' },
    });
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(isRoot)(
    `is one that is closed to us${isRoot ? ' (SKIPPED: root may read every file)' : ''}`,
    () => {
      chmodSync(put(join(cwd, 'closed'), '{}'), 0o000);
      expect(check('closed').failure_detail).toBe('the file cannot be read: EACCES');
    },
  );

  it('shows nothing of a private key that was named by mistake', () => {
    writeFileSync(join(cwd, 'priv'), key.secret);
    put(join(cwd, 'priv.hex'), key.secret.toString('hex'));
    for (const path of ['priv', 'priv.hex']) {
      const text = JSON.stringify(check(path));
      expect(text).not.toContain(key.secret.toString('hex').slice(0, 8));
    }
  });
});
