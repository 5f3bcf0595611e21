import type { PlanItem } from '@holdfast/tuning';
import type { Cluster, Outcome, PatchOptions } from '../cluster.ts';
import { failure } from '../outcome.ts';
import { isPatchedInPlace, patchForKind } from '../pod-templates.ts';
import { parseRbacDenial } from '../rbac-denial.ts';
import type { RbacDenial } from '../rbac-denial.ts';
import type { KubeObject } from '../workload.ts';
import { refOf, versionKey } from './plan-ref.ts';

/** One item of the `k8s_apply` report. `rc` is null where no call was made. */
export interface AppliedItem {
  readonly namespace: string;
  readonly name: string;
  readonly ok: boolean;
  readonly rc: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly patch_attempted: boolean;
}

export interface ApplyOptions {
  /** By `Kind/namespace/name`: an object that has another version by now is not patched. */
  readonly resourceVersions?: Readonly<Record<string, string>>;
  readonly strategy?: PatchOptions['strategy'];
  readonly force?: boolean;
}

export interface PlanApplication {
  readonly ok: boolean;
  readonly checks: { readonly items: readonly AppliedItem[] };
  readonly details?: { readonly rbac: RbacDenial };
  /** An object changed between its verification and its patch: it may be verified again, and then work. */
  readonly raced: boolean;
  /** Beside each item: the object as it was read just before it was patched, for the way back. */
  readonly before: readonly (KubeObject | undefined)[];
}

interface Attempt {
  readonly outcome: Outcome;
  readonly attempted: boolean;
  readonly before?: KubeObject;
}

const conflict = (verified: string, found: string): Outcome =>
  failure(
    `the object has changed since it was verified: it has resourceVersion ${found}, verified was ${verified}`,
    undefined,
    'Conflict',
  );

const isConflict = ({ ok, reason }: Outcome): boolean => !ok && reason === 'Conflict';

const attempt = async (
  cluster: Cluster,
  item: PlanItem,
  { resourceVersions = {}, strategy, force }: ApplyOptions,
): Promise<Attempt> => {
  const ref = refOf(item);
  const read = await cluster.workload(ref);
  const before = read.object;
  const verified = resourceVersions[versionKey(item)];
  const found = before?.metadata.resourceVersion;
  if (verified !== undefined && found !== undefined && verified !== found)
    return { outcome: conflict(verified, found), attempted: false, before };
  if (before === undefined && !isPatchedInPlace(ref.kind))
    return {
      outcome: read.ok ? failure('the workload could not be read') : read,
      attempted: false,
    };
  const patch = before === undefined ? (item.patch ?? {}) : patchForKind(item.patch ?? {}, before);
  const resourceVersion = verified ?? found;
  const outcome = await cluster.patch(ref, patch, {
    dryRun: false,
    resourceVersion,
    strategy,
    force,
  });
  return { outcome, attempted: true, before };
};

const SKIPPED: Attempt = {
  outcome: failure('not attempted: an item before it failed'),
  attempted: false,
};

const reported = (item: PlanItem, { outcome, attempted }: Attempt): AppliedItem => ({
  namespace: item.namespace,
  name: item.name,
  ok: outcome.ok,
  rc: attempted ? outcome.rc : null,
  stdout: outcome.stdout,
  stderr: outcome.stderr,
  patch_attempted: attempted,
});

/**
 * Patches the objects of a plan in its order and stops at the first that fails: the rest is reported as not attempted.
 * Each patch is bound to the version that was verified, or to the one that was read just before it; where neither is
 * known, because the object may be patched and not read, it goes without.
 */
export const applyPlan = async (
  cluster: Cluster,
  items: readonly PlanItem[],
  options: ApplyOptions = {},
): Promise<PlanApplication> => {
  const attempts: Attempt[] = [];
  for (const item of items) {
    const hasFailed = attempts.some(({ outcome }) => !outcome.ok);
    attempts.push(hasFailed ? SKIPPED : await attempt(cluster, item, options));
  }
  const denial = attempts
    .map(({ outcome }) => (outcome.ok ? undefined : parseRbacDenial(outcome.stderr)))
    .find((found) => found !== undefined);
  return {
    ok: attempts.every(({ outcome }) => outcome.ok),
    checks: { items: items.map((item, index) => reported(item, attempts[index] as Attempt)) },
    ...(denial === undefined ? {} : { details: { rbac: denial } }),
    raced: attempts.some(({ outcome }) => isConflict(outcome)),
    before: attempts.map(({ before }) => before),
  };
};
