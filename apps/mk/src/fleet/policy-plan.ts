import type { FleetContext } from './read-contexts.ts';

const REF = 'modekeeper/policy.ref';
const VERSION = 'modekeeper/policy.version';

/** A policy as a fleet names it. `version_short` is the first 12 digits of `sha256`. */
export interface DesiredPolicy {
  readonly policy_ref: string;
  readonly sha256: string;
  readonly version_short: string;
}

/** What each deployment of a fleet has, what it should have, and what a way back would restore. Plans only. */
export const policyPlan = (contexts: readonly FleetContext[], desired: DesiredPolicy) =>
  contexts
    .toSorted((a, b) => (a.context < b.context ? -1 : 1))
    .map(({ context, deployments, error }) => ({
      context,
      ...(error === undefined ? {} : { error }),
      deployments: deployments.map(({ namespace, name, annotations }) => {
        const current = annotations[REF] ?? null;
        const version = annotations[VERSION] ?? null;
        return {
          namespace,
          name,
          current_policy_ref: current,
          current_policy_version: version,
          desired_policy_ref: desired.policy_ref,
          desired_policy_version: desired.version_short,
          rollback_policy_ref: current,
          rollback_policy_version: version,
          change_required: current !== desired.policy_ref || version !== desired.version_short,
        };
      }),
    }));
