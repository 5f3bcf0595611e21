import { verifyLicense } from '../verify/verify-license.ts';
import { verifyReport, type LicenseVerifyReport } from '../verify/verify-report.ts';
import type { LicenseReason } from '../verify/failure.ts';
import { findText } from './files.ts';
import { loadTrust, type TrustOptions } from './load-trust.ts';
import {
  locateLicenseForApply,
  locateLicenseForVerify,
  type Located,
  type Surroundings,
} from './locate.ts';

export interface LicenseQuestion extends TrustOptions {
  /** `--license-path` of an apply, `--license` of `license verify`. */
  readonly licensePath?: string;
  readonly around: Surroundings;
  /** Seconds since 1970. */
  readonly nowS: number;
  readonly kubeContext?: string;
}

export type ApplyReason = LicenseReason | 'license_missing' | 'entitlement_missing';

export interface ApplyLicense {
  /** True with the reason `ok` and never else. */
  readonly license_ok: boolean;
  readonly reason: ApplyReason;
  /** As it was given; null where no licence was found. */
  readonly license_path: string | null;
  readonly report: LicenseVerifyReport | null;
}

/** Whether a licence lets this apply go on. Nothing in the environment replaces one. */
export const evaluateForApply = (
  question: LicenseQuestion,
  entitlement = 'apply',
): ApplyLicense => {
  const located = locateLicenseForApply(question.licensePath, question.around);
  if (located === undefined)
    return { license_ok: false, reason: 'license_missing', license_path: null, report: null };
  const report = reportOn(located, question);
  const isEntitled = report.entitlements.includes(entitlement);
  const reason = report.license_ok && !isEntitled ? 'entitlement_missing' : report.reason;
  return { license_ok: reason === 'ok', reason, license_path: located.path, report };
};

export interface LicenseCheck {
  /** As it was given; null where there is no home folder to look in. */
  readonly license_path: string | null;
  readonly report: LicenseVerifyReport;
}

/** What `license verify` does. */
export const checkLicense = (question: LicenseQuestion): LicenseCheck => {
  const located = locateLicenseForVerify(question.licensePath, question.around);
  return { license_path: located?.path ?? null, report: reportOn(located, question) };
};

const reportOn = (located: Located | undefined, question: LicenseQuestion): LicenseVerifyReport =>
  verifyReport(
    verifyLicense({
      license:
        located === undefined
          ? { problem: 'missing', detail: 'no licence is configured' }
          : findText(located.file),
      trust: loadTrust(question, question.around),
      nowS: question.nowS,
      kubeContext: question.kubeContext,
    }),
  );
