import { byCodePoint } from '../json/canonical-text.ts';
import { publicKeyOf } from '../keys/ed25519.ts';
import type { Keyring } from '../keys/keyring.ts';
import { readIssuerKeyset, KEYSET_SCHEMA } from '../verify/issuer-keyset.ts';
import { LicenseRefusal } from '../verify/failure.ts';
import { checkKid } from './issue-license.ts';
import { LicenseToolError } from './license-tool-error.ts';
import { signDocument } from './sign-document.ts';

/** The text of an `issuer_keyset.v1`: these keys, signed by a root key. Throws LicenseToolError. */
export const issueKeyset = (keys: Keyring, rootKid: string, rootKey: Uint8Array): string => {
  for (const kid of [rootKid, ...keys.keys()]) checkKid(kid);
  const members = [...keys]
    .map(([kid, key]): [string, string] => [kid, Buffer.from(key).toString('base64')])
    .sort(([a], [b]) => byCodePoint(a, b));
  const text = signDocument(
    { schema_version: KEYSET_SCHEMA, root_kid: rootKid, keys: Object.fromEntries(members) },
    rootKey,
  );
  try {
    readIssuerKeyset({ text }, new Map([[rootKid, publicKeyOf(rootKey)]]));
  } catch (error) {
    if (!(error instanceof LicenseRefusal)) throw error;
    throw new LicenseToolError('self_check_failed', error.code);
  }
  return text;
};
