import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretName, redactJson, redactText } from './redact.ts';

/** Nothing that stands in the words around it. */
const secret = fc
  .array(fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'), {
    minLength: 24,
    maxLength: 48,
  })
  .map((letters) => letters.join(''));

const NAMES = ['token', 'API_KEY', 'clientSecret', 'db-password', 'authorization', 'signature'];
const around = fc.constantFrom('', ' ', 'error: ', '{"a": 1} ', 'line\n');

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });

describe('what is secret in a text', () => {
  it('goes when it is known, wherever it stands in a JSON value, names too', () => {
    const property = fc.property(secret, fc.jsonValue(), fc.nat(5), (known, value, place) => {
      const places = [{ a: known }, [[known]], { [known]: 1 }, `x${known}y`, { a: { b: [known] } }];
      const clean = JSON.stringify(redactJson([value, places[place % places.length]], [known]));
      expect(clean).not.toContain(known);
    });
    fc.assert(property, { seed: 1 });
  });

  it('goes under the name of a secret, whatever it is', () => {
    const property = fc.property(fc.constantFrom(...NAMES), secret, (name, value) => {
      expect(isSecretName(name)).toBe(true);
      const clean = JSON.stringify(redactJson({ deep: [{ [name]: { is: value } }] }, []));
      expect(clean).not.toContain(value);
    });
    fc.assert(property);
  });

  it('goes after the name of a secret', () => {
    const forms = fc.constantFrom(
      (value: string) => `token=${value}`,
      (value: string) => `password: "${value}"`,
      (value: string) => `Authorization: Bearer ${value}`,
      (value: string) => `Authorization: Basic ${value}`,
      (value: string) => `{"api_key":"${value}"}`,
      (value: string) => `https://user:${value}@host/path`,
      (value: string) => `https://${value}@host/path`,
      (value: string) => `-----BEGIN PRIVATE KEY-----\n${value}\n-----END PRIVATE KEY-----`,
      (value: string) => `-----BEGIN PRIVATE KEY-----\n${value}`,
      (value: string) => `eyJhbGciOiJI.${value}.${value}`,
    );
    const property = fc.property(forms, secret, around, around, (form, value, before, after) => {
      expect(redactText(`${before}${form(value)}${after}`, [])).not.toContain(value);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('goes where it looks like a key or a signature', () => {
    const property = fc.property(fc.oneof(bytesOf(32), bytesOf(64)), around, (bytes, before) => {
      expect(redactText(`${before}${base64(bytes)} .`, [])).not.toContain(base64(bytes));
    });
    fc.assert(property);
  });
});

describe('what is no secret', () => {
  it.each([
    'apply blocked: license_missing (use --license-path)',
    `plan_sha256 ${'0123456789abcdef'.repeat(4)}`,
    'Deployment default/trainer: 1 of 2 replicas are updated',
    'report/_cl/k8s_verify_20260102_030405.json',
    'https://prometheus.example:9090/api/v1/query',
  ])('stays: %s', (text) => {
    expect(redactText(text, [])).toBe(text);
  });

  it('stays under names that only look like those of secrets', () => {
    const value = { license_path: './l.json', kid: 'k1', tokens_est: 12, kube_context: 'kind' };
    expect(redactJson(value, [])).toEqual(value);
  });
});
