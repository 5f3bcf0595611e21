import { isJsonObject } from '../json/json-value.ts';
import { isKid, publicKeyFrom, type Keyring } from '../keys/keyring.ts';
import { LicenseRefusal } from './failure.ts';
import {
  isSignedByOneOf,
  readDocument,
  signatureText,
  type DocumentFailures,
  type FoundText,
} from './signed-document.ts';

export const KEYSET_SCHEMA = 'issuer_keyset.v1';

const FAILURES: DocumentFailures = {
  missing: 'issuer_keyset_missing',
  io: 'issuer_keyset_io_error',
  json: 'issuer_keyset_invalid_json',
  shape: 'issuer_keyset_invalid_shape',
};

/**
 * The keys of an issuer, `issuer_keyset.v1` {schema_version, root_kid, keys, signature}, believed because the root key
 * that it names signed it. All its keys have to be well formed: who signs a wrong one made a mistake worth hearing of.
 * Throws LicenseRefusal.
 */
export const readIssuerKeyset = (file: FoundText | undefined, roots: Keyring): Keyring => {
  if (file === undefined) throw new LicenseRefusal('issuer_keyset_missing');
  const document = readDocument(file, FAILURES);
  if (document.get('schema_version') !== KEYSET_SCHEMA)
    throw new LicenseRefusal('issuer_keyset_schema_unsupported', `expected ${KEYSET_SCHEMA}`);
  const rootKid = document.get('root_kid');
  if (!isKid(rootKid)) throw new LicenseRefusal('issuer_keyset_root_kid_invalid');
  const root = roots.get(rootKid);
  if (root === undefined) throw new LicenseRefusal('issuer_keyset_unknown_root_kid');
  if (signatureText(document) === undefined)
    throw new LicenseRefusal('issuer_keyset_signature_missing');
  const keys = document.get('keys');
  if (!isJsonObject(keys) || keys.size === 0)
    throw new LicenseRefusal('issuer_keyset_keys_invalid', 'expected an object with keys');
  const ring = new Map<string, Uint8Array>();
  for (const [kid, value] of keys) {
    const key = isKid(kid) ? publicKeyFrom(value) : undefined;
    if (key === undefined)
      throw new LicenseRefusal(
        'issuer_keyset_keys_invalid',
        `key ${ring.size + 1} of ${keys.size} is no base64 of a raw Ed25519 public key`,
      );
    ring.set(kid, key);
  }
  if (!isSignedByOneOf(document, [root]))
    throw new LicenseRefusal('issuer_keyset_signature_invalid');
  return ring;
};
