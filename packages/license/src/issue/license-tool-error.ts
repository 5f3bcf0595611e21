/** What the tools that make keys and licences refuse. The codes are stable. */
export const LICENSE_TOOL_ERRORS = {
  kid_invalid: 'the key id is not 1 to 128 visible ASCII characters',
  org_invalid: 'the organisation is blank',
  entitlements_invalid: 'the entitlements are not a list of names',
  expiry_invalid: 'the expiry is no RFC 3339 time in UTC, as 2030-01-31T00:00:00Z',
  expiry_past: 'the expiry is not in the future',
  not_signable: 'the document holds half a surrogate pair, which UTF-8 cannot say',
  private_key_missing: 'no private key is configured',
  private_key_unreadable: 'the private key cannot be read',
  private_key_invalid: 'the private key is not a file of 32 raw bytes',
  private_key_exists: 'there is a file where the private key would go',
  keyring_exists: 'there is a keyring already: merge into it, or name another file',
  keyring_invalid: 'the keyring to merge into cannot be read',
  kid_taken: 'the keyring holds another key of this id',
  write_failed: 'a file cannot be written',
  self_check_failed: 'the licence just made does not verify',
} as const;

export type LicenseToolCode = keyof typeof LICENSE_TOOL_ERRORS;

/** Fit for display: never a key, a path only where the caller gave it. */
export class LicenseToolError extends Error {
  readonly code: LicenseToolCode;

  constructor(code: LicenseToolCode, detail?: string) {
    const text = LICENSE_TOOL_ERRORS[code];
    super(detail === undefined ? text : `${text}: ${detail}`);
    this.name = 'LicenseToolError';
    this.code = code;
  }
}
