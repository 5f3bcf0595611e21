import { reasonOf, type LicenseFailure, type LicenseReason } from './failure.ts';
import type { LicenseVerdict } from './verify-license.ts';

/** `license_verify.v0`, as it goes into `license_verify_latest.json`. Twin fields carry one value under both names. */
export interface LicenseVerifyReport {
  schema_version: 'license_verify.v0';
  license_ok: boolean;
  reason: LicenseReason;
  reason_code: LicenseReason;
  failure_code: LicenseFailure | null;
  failure_detail: string | null;
  kid: string | null;
  issuer: string | null;
  /** Seconds since 1970, beyond 2^53 the nearest double; null until the signature held. */
  expiry: number | null;
  expires_at: number | null;
  entitlements: readonly string[];
  entitlements_summary: readonly string[];
}

export const verifyReport = (verdict: LicenseVerdict): LicenseVerifyReport => {
  const reason = reasonOf(verdict.failure?.code);
  const expiresAt = verdict.expiresAt === undefined ? null : Number(verdict.expiresAt);
  return {
    schema_version: 'license_verify.v0',
    license_ok: reason === 'ok',
    reason,
    reason_code: reason,
    failure_code: verdict.failure?.code ?? null,
    failure_detail: verdict.failure?.detail ?? null,
    kid: verdict.kid ?? null,
    issuer: verdict.issuer ?? null,
    expiry: expiresAt,
    expires_at: expiresAt,
    entitlements: verdict.entitlements,
    entitlements_summary: verdict.entitlements,
  };
};
