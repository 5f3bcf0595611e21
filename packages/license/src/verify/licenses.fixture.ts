import { canonicalBytes } from '../json/canonical-text.ts';
import { readJson } from '../json/read-json.ts';
import { newPrivateKey, publicKeyOf, signMessage } from '../keys/ed25519.ts';
import type { LicenseVerdict, Verification } from './verify-license.ts';
import { verifyLicense } from './verify-license.ts';

export const NOW = 1_800_000_000;

export interface TestKey {
  readonly secret: Buffer;
  readonly open: Buffer;
  readonly text: string;
}

export const newKey = (): TestKey => {
  const secret = newPrivateKey();
  const open = publicKeyOf(secret);
  return { secret, open, text: open.toString('base64') };
};

export const FIELDS: Readonly<Record<string, unknown>> = {
  schema_version: 'license.v1',
  org: 'Example',
  issued_at: NOW - 10,
  expires_at: NOW + 10,
  entitlements: ['apply'],
};

/** The text of a document, its fields changed (undefined: left out) and signed by a key, whatever they say. */
export const signed = (fields: Readonly<Record<string, unknown>>, key: TestKey): string => {
  const text = JSON.stringify(fields);
  const bytes = canonicalBytes(readJson(text)) as Buffer;
  return JSON.stringify({
    ...fields,
    signature: signMessage(bytes, key.secret).toString('base64'),
  });
};

export const verifyText = (
  text: string,
  ring: ReadonlyMap<string, Uint8Array>,
  rest: Partial<Verification> = {},
): LicenseVerdict => verifyLicense({ license: { text }, trust: { ring }, nowS: NOW, ...rest });
