import { isJsonArray, isJsonObject, NumberToken, type JsonObject } from '../json/json-value.ts';
import type { JsonValue } from '../json/json-value.ts';
import { isKid } from '../keys/keyring.ts';
import { LicenseRefusal } from './failure.ts';
import { signatureText } from './signed-document.ts';

export const LICENSE_SCHEMA = 'license.v1';

/** The fields of a `license.v1`, of the right shape and not yet believed. Times are seconds since 1970. */
export interface LicenseFields {
  readonly org: string;
  readonly issuedAt: bigint;
  readonly expiresAt: bigint;
  readonly entitlements: readonly string[];
  readonly bindings: JsonObject;
}

/** What a licence says of its origin; reports repeat it, also of one that is refused later. */
export interface LicenseOrigin {
  kid?: string;
  issuer?: string;
}

/** Reads the fields in the order of the contract; throws LicenseRefusal, and leaves what it read of `origin` there. */
export const readFields = (document: JsonObject, origin: LicenseOrigin): LicenseFields => {
  if (document.get('schema_version') !== LICENSE_SCHEMA)
    throw new LicenseRefusal('license_schema_unsupported', `expected ${LICENSE_SCHEMA}`);
  const org = document.get('org');
  if (!isFilled(org)) throw new LicenseRefusal('license_org_invalid');
  const issuedAt = integerOf(document.get('issued_at'));
  const expiresAt = integerOf(document.get('expires_at'));
  if (issuedAt === undefined || expiresAt === undefined)
    throw new LicenseRefusal('license_time_fields_invalid');
  const entitlements = document.get('entitlements');
  if (!isJsonArray(entitlements) || !entitlements.every(isText))
    throw new LicenseRefusal('license_entitlements_invalid');
  const bindings = document.has('bindings') ? document.get('bindings') : new Map();
  if (!isJsonObject(bindings)) throw new LicenseRefusal('license_bindings_invalid');
  readOrigin(document, origin);
  if (signatureText(document) === undefined) throw new LicenseRefusal('license_signature_missing');
  return { org, issuedAt, expiresAt, entitlements, bindings };
};

const readOrigin = (document: JsonObject, origin: LicenseOrigin): void => {
  const kid = document.get('kid');
  if (kid !== undefined && !isKid(kid)) throw new LicenseRefusal('license_kid_invalid');
  origin.kid = kid;
  const issuer = document.get('issuer');
  if (issuer !== undefined && !isFilled(issuer)) throw new LicenseRefusal('license_issuer_invalid');
  origin.issuer = issuer;
};

/** A boolean and `1.0` are no integers. */
const integerOf = (value: JsonValue | undefined): bigint | undefined =>
  value instanceof NumberToken ? value.integer : undefined;

const isText = (value: JsonValue): value is string => typeof value === 'string';

const isFilled = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && value.trim() !== '';
