import type { LimitReason, PlanItem } from '@holdfast/tuning';

/** Why an apply is blocked as a whole, in the order in which one is reported (section 7 of the contract). */
export const BLOCK_REASONS = [
  'kill_switch',
  'license_missing',
  'license_invalid',
  'license_expired',
  'binding_mismatch',
  'entitlement_missing',
  'verify_missing',
  'verify_failed',
] as const;
export type BlockReason = (typeof BLOCK_REASONS)[number] | BrokenLimit['reason'];

/** What the licence says about an apply. `reason` is undefined when it allows it. */
export interface LicenceVerdict {
  readonly ok: boolean;
  readonly reason?:
    | 'license_missing'
    | 'license_invalid'
    | 'license_expired'
    | 'binding_mismatch'
    | 'entitlement_missing';
  readonly detail: string;
  readonly path: string | null;
  readonly expiresAt: number | null;
  readonly entitlements: readonly string[];
}

/** What the verify report says about the plan that is to be applied. */
export interface VerifyVerdict {
  readonly ok: boolean;
  readonly reason?: 'verify_missing' | 'verify_failed';
  readonly detail: string;
  readonly reportPath: string | null;
  /** By `Kind/namespace/name`: the version at which an object was verified, the precondition of its patch. */
  readonly resourceVersions: Readonly<Record<string, string>>;
  /** The same of all that its plan depends on: where that is as it was, the object is verified again. */
  readonly worldRevisions: Readonly<Record<string, string>>;
}

/** A limit of the engine that a plan breaks, or a field that is no longer a rollback's to put back. */
export interface BrokenLimit {
  readonly reason: LimitReason | 'rollback_conflict';
  readonly detail: string;
}

/** Everything that decides an apply as a whole. */
export interface ApplyFacts {
  readonly items: readonly PlanItem[];
  readonly killSwitch: { readonly on: boolean; readonly signal: string | null };
  readonly licence: LicenceVerdict;
  readonly verify: VerifyVerdict;
  readonly limits: readonly BrokenLimit[];
}
