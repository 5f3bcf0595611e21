/**
 * Why a licence does not hold, in the order in which it is found out. The codes are stable: callers compare them, never
 * the detail.
 */
export const LICENSE_FAILURES = {
  license_io_error: 'the licence file cannot be read',
  license_invalid_json: 'the licence is no JSON',
  license_invalid_shape: 'the licence is no JSON object',
  license_schema_unsupported: 'the licence is of another schema',
  license_org_invalid: 'the licence names no organisation',
  license_time_fields_invalid: 'the times of the licence are no integers',
  license_entitlements_invalid: 'the entitlements are no list of strings',
  license_bindings_invalid: 'the bindings are no object',
  license_kid_invalid: 'the key id is no text',
  license_issuer_invalid: 'the issuer is no text',
  license_signature_missing: 'the licence is not signed',
  public_keys_unavailable: 'no public keys are configured',
  root_public_keys_unavailable: 'no root keys are configured',
  issuer_keyset_missing: 'there is no issuer keyset',
  issuer_keyset_io_error: 'the issuer keyset cannot be read',
  issuer_keyset_invalid_json: 'the issuer keyset is no JSON',
  issuer_keyset_invalid_shape: 'the issuer keyset is no JSON object',
  issuer_keyset_schema_unsupported: 'the issuer keyset is of another schema',
  issuer_keyset_root_kid_invalid: 'the issuer keyset names no root key',
  issuer_keyset_unknown_root_kid: 'the issuer keyset names a root key that is not configured',
  issuer_keyset_signature_missing: 'the issuer keyset is not signed',
  issuer_keyset_keys_invalid: 'the keys of the issuer keyset cannot be used',
  issuer_keyset_signature_invalid: 'the issuer keyset is not signed by its root key',
  license_unknown_kid: 'the licence names a key that is not configured',
  license_unknown_issuer_kid: 'the licence names a key that the issuer keyset lacks',
  license_signature_invalid: 'no configured key signed this licence',
  license_time_window_invalid: 'the licence ends before it begins',
  license_not_yet_valid: 'the licence is not valid yet',
  license_expired: 'the licence has expired',
  license_binding_invalid: 'the licence is bound to what cannot be checked',
  license_binding_mismatch: 'the licence is bound to another cluster',
} as const;

export type LicenseFailure = keyof typeof LICENSE_FAILURES;

/** The failures in few words, as reports and gates name them. */
export type LicenseReason = 'ok' | 'license_invalid' | 'license_expired' | 'binding_mismatch';

export const reasonOf = (failure: LicenseFailure | undefined): LicenseReason => {
  if (failure === undefined) return 'ok';
  if (failure === 'license_expired') return 'license_expired';
  return failure === 'license_binding_mismatch' ? 'binding_mismatch' : 'license_invalid';
};

/** Thrown by the checks and caught by `verifyLicense`. The message is the detail: fit for display, without secrets. */
export class LicenseRefusal extends Error {
  readonly code: LicenseFailure;

  constructor(code: LicenseFailure, detail: string = LICENSE_FAILURES[code]) {
    super(detail);
    this.name = 'LicenseRefusal';
    this.code = code;
  }
}
