import type { PlanItem } from '@holdfast/tuning';
import type { Cluster, Outcome, PatchOptions } from '../cluster.ts';
import { failure } from '../outcome.ts';
import { isPatchedInPlace, patchForKind } from '../pod-templates.ts';
import { parseRbacDenial } from '../rbac-denial.ts';
import type { RbacDenial } from '../rbac-denial.ts';
import type { KubeObject } from '../workload.ts';
import { refOf, versionKey } from './plan-ref.ts';
import { worldOf } from './world-of.ts';

/** One item of the `k8s_apply` report. `rc` is null where no call was made. */
export interface AppliedItem {
  readonly namespace: string;
  readonly name: string;
  readonly ok: boolean;
  readonly rc: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly patch_attempted: boolean;
  /** The version that the patch was bound to. */
  readonly resource_version: string | null;
  /** The object had another version than was verified, was the same in all that the plan depends on, and was tried again. */
  readonly verified_again: boolean;
}

export interface ApplyOptions {
  /** By `Kind/namespace/name`: an object that has another version by now is verified again, or not patched. */
  readonly resourceVersions?: Readonly<Record<string, string>>;
  /** The same of what the plan depends on: only an object in which that is as it was is verified again. */
  readonly worldRevisions?: Readonly<Record<string, string>>;
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
  readonly resourceVersion?: string;
  readonly verifiedAgain?: boolean;
}

/** So often is an object read anew that changes under each attempt. */
const MOST_ATTEMPTS = 5;

const conflict = (verified: string, found: string): Outcome =>
  failure(
    `the object has changed since it was verified: it has resourceVersion ${found}, verified was ${verified}`,
    undefined,
    'Conflict',
  );

const isConflict = ({ ok, reason }: Outcome): boolean => !ok && reason === 'Conflict';

/** Reads and patches once, at the version that was read. */
const attemptOnce = async (
  cluster: Cluster,
  item: PlanItem,
  { resourceVersions = {}, worldRevisions = {}, strategy, force }: ApplyOptions,
): Promise<Attempt> => {
  const ref = refOf(item);
  const read = await cluster.workload(ref);
  const before = read.object;
  const verified = resourceVersions[versionKey(item)];
  const found = before?.metadata.resourceVersion;
  const hasMoved = verified !== undefined && found !== undefined && verified !== found;
  const isSame = worldOf(before) === worldRevisions[versionKey(item)];
  if (hasMoved && !(isSame && versionKey(item) in worldRevisions))
    return { outcome: conflict(verified, found), attempted: false, before };
  if (before === undefined && !isPatchedInPlace(ref.kind))
    return {
      outcome: read.ok ? failure('the workload could not be read') : read,
      attempted: false,
    };
  const patch = before === undefined ? (item.patch ?? {}) : patchForKind(item.patch ?? {}, before);
  const resourceVersion = found ?? verified;
  const options = { resourceVersion, strategy, force };
  const known = { before, resourceVersion, verifiedAgain: hasMoved };
  if (hasMoved) {
    const tried = await cluster.patch(ref, patch, { ...options, dryRun: true });
    if (!tried.ok) return { ...known, outcome: tried, attempted: false };
  }
  const outcome = await cluster.patch(ref, patch, { ...options, dryRun: false });
  return { ...known, outcome, attempted: true };
};

/**
 * Goes again where somebody was quicker and the plan may be verified again: a refused patch changed nothing. Where what
 * the plan depends on has changed, the next attempt says so.
 */
const attempt = async (
  cluster: Cluster,
  item: PlanItem,
  options: ApplyOptions,
): Promise<Attempt> => {
  for (let attempts = 1; ; attempts += 1) {
    const made = await attemptOnce(cluster, item, options);
    const isKnown = versionKey(item) in (options.worldRevisions ?? {});
    const mayGoAgain = isKnown && options.strategy !== 'apply';
    const wasQuicker = made.resourceVersion !== undefined && isConflict(made.outcome);
    if (!wasQuicker || !mayGoAgain || attempts === MOST_ATTEMPTS) return made;
  }
};

const SKIPPED: Attempt = {
  outcome: failure('not attempted: an item before it failed'),
  attempted: false,
};

const reported = (
  item: PlanItem,
  { outcome, attempted, resourceVersion, verifiedAgain = false }: Attempt,
): AppliedItem => ({
  namespace: item.namespace,
  name: item.name,
  ok: outcome.ok,
  rc: attempted ? outcome.rc : null,
  stdout: outcome.stdout,
  stderr: outcome.stderr,
  patch_attempted: attempted,
  resource_version: attempted ? (resourceVersion ?? null) : null,
  verified_again: verifiedAgain,
});

/**
 * Patches the objects of a plan in its order and stops at the first that fails: the rest is reported as not attempted.
 * Each patch is bound to the version that was read just before it. That has to be the one that was verified, or the same
 * in all that the plan depends on and then verified again; where the object may be patched and not read, the patch is
 * bound to what was verified.
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
