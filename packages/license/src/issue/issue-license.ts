import { publicKeyOf } from '../keys/ed25519.ts';
import { LICENSE_SCHEMA } from '../verify/license-fields.ts';
import { verifyLicense } from '../verify/verify-license.ts';
import { LicenseToolError } from './license-tool-error.ts';
import { signDocument } from './sign-document.ts';

export interface LicenseOrder {
  readonly kid: string;
  readonly org: string;
  /** Seconds since 1970. */
  readonly issuedAtS: number;
  readonly expiresAtS: number;
  readonly entitlements: readonly string[];
  readonly issuer?: string;
  /** Binds the licence to this kube context. */
  readonly kubeContext?: string;
}

const KID = /^[\x21-\x7e]{1,128}$/;

/** Throws `kid_invalid`. */
export const checkKid = (kid: string): void => {
  if (!KID.test(kid)) throw new LicenseToolError('kid_invalid');
};

/** Seconds since 1970 of `2030-01-31T00:00:00Z` (RFC 3339 in UTC, whole seconds). Throws `expiry_invalid`. */
export const parseExpiry = (text: string): number => {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== text.replace('Z', '.000Z'))
    throw new LicenseToolError('expiry_invalid');
  return ms / 1000;
};

/** The names in `a, b`. Throws `entitlements_invalid` for none and for a blank one. */
export const parseEntitlements = (text: string): string[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new LicenseToolError('entitlements_invalid');
  return names;
};

/**
 * The text of a signed `license.v1` that verifies at `nowS` with the public half of the key. Throws LicenseToolError:
 * `expiry_past` for what would not outlive this moment.
 */
export const issueLicense = (
  order: LicenseOrder,
  privateKey: Uint8Array,
  nowS: number = order.issuedAtS,
): string => {
  checkKid(order.kid);
  if (order.org.trim() === '') throw new LicenseToolError('org_invalid');
  if (order.entitlements.length === 0 || order.entitlements.some((name) => name.trim() === ''))
    throw new LicenseToolError('entitlements_invalid');
  if (!(order.expiresAtS > nowS)) throw new LicenseToolError('expiry_past');
  const text = signDocument(
    {
      schema_version: LICENSE_SCHEMA,
      org: order.org,
      issued_at: Math.floor(order.issuedAtS),
      expires_at: Math.floor(order.expiresAtS),
      entitlements: order.entitlements,
      bindings: order.kubeContext === undefined ? {} : { kube_context: order.kubeContext },
      kid: order.kid,
      issuer: order.issuer,
    },
    privateKey,
  );
  checkOwn(text, order, privateKey, nowS);
  return text;
};

const checkOwn = (
  text: string,
  { kid, kubeContext }: LicenseOrder,
  privateKey: Uint8Array,
  nowS: number,
): void => {
  const ring = new Map([[kid, publicKeyOf(privateKey)]]);
  const { failure } = verifyLicense({ license: { text }, trust: { ring }, nowS, kubeContext });
  if (failure !== undefined) throw new LicenseToolError('self_check_failed', failure.code);
};
