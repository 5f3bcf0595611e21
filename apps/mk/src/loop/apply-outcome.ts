import type { PlanVerification } from '@holdfast/kube';
import type { RollbackLink } from '../bundle/policy-bundle.ts';
import type { LicenceVerdict } from '../gates/apply-facts.ts';
import type { Revert, RegressionWatch } from '../regression/regression-watch.ts';
import type { ApplyEnd } from './action-results.ts';

/** How the apply of one pass went, as far as it went. */
export interface ApplyOutcome {
  readonly end: ApplyEnd;
  readonly attempted: boolean;
  readonly licence?: LicenceVerdict;
  readonly verification?: PlanVerification;
  readonly verifyReportPath?: string;
  readonly applyReportPath?: string;
  readonly rollback?: RollbackLink;
  readonly appliedThrough?: 'stack' | 'standalone' | null;
  /** The change of a stack that an apply became. */
  readonly changeId?: string;
  /** How an apply that worked was watched, and the way back where it was taken. */
  readonly watch?: RegressionWatch;
  readonly revert?: Revert;
}

/** No apply was asked for. */
export const NOT_REQUESTED: ApplyOutcome = { end: { kind: 'not_requested' }, attempted: false };
