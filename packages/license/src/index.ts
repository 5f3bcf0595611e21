export { canonicalBytes, canonicalText } from './json/canonical-text.ts';
export { JsonError } from './json/json-error.ts';
export { NumberToken } from './json/json-value.ts';
export type { JsonObject, JsonValue } from './json/json-value.ts';
export { readJson } from './json/read-json.ts';
export { publicKeyOf } from './keys/ed25519.ts';
export { BUILT_IN_RING, readKeyring, writeKeyring } from './keys/keyring.ts';
export type { Keyring } from './keys/keyring.ts';
export { LICENSE_FAILURES } from './verify/failure.ts';
export type { LicenseFailure, LicenseReason } from './verify/failure.ts';
export type { FoundText } from './verify/signed-document.ts';
export { verifyLicense } from './verify/verify-license.ts';
export type { LicenseVerdict, Trust, Verification } from './verify/verify-license.ts';
export { verifyReport } from './verify/verify-report.ts';
export type { LicenseVerifyReport } from './verify/verify-report.ts';
export { checkLicense, evaluateForApply } from './lookup/evaluate-for-apply.ts';
export type {
  ApplyLicense,
  ApplyReason,
  LicenseCheck,
  LicenseQuestion,
} from './lookup/evaluate-for-apply.ts';
export { writeTextFile } from './lookup/files.ts';
export { loadTrust } from './lookup/load-trust.ts';
export type { TrustOptions } from './lookup/load-trust.ts';
export { locateKeyring, locateLicenseForApply, locateLicenseForVerify } from './lookup/locate.ts';
export type { Located, Surroundings } from './lookup/locate.ts';
export { asksForOverride } from './lookup/override.ts';
export { generateKey } from './issue/generate-key.ts';
export type { KeyOrder } from './issue/generate-key.ts';
export { issueKeyset } from './issue/issue-keyset.ts';
export { issueLicense, parseEntitlements, parseExpiry } from './issue/issue-license.ts';
export type { LicenseOrder } from './issue/issue-license.ts';
export { LICENSE_TOOL_ERRORS, LicenseToolError } from './issue/license-tool-error.ts';
export type { LicenseToolCode } from './issue/license-tool-error.ts';
export { mintDev } from './issue/mint-dev.ts';
export type { DevLicense } from './issue/mint-dev.ts';
export { loadIssuerKey, readPrivateKey } from './issue/private-key.ts';
