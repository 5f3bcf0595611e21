import type { PlanItem } from '@holdfast/tuning';
import type { Cluster, ObjectOutcome, Outcome } from '../cluster.ts';
import { failure } from '../outcome.ts';
import { isPatchedInPlace, patchForKind } from '../pod-templates.ts';
import type { WorkloadRef } from '../workload.ts';
import { dryRunBlocker, isDenied, outcomeDetail, readBlocker } from './blocker.ts';
import type { BlockerKind } from './blocker.ts';
import type { DryRun, ItemFinding } from './plan-verification.ts';
import { objectOf, refOf } from './plan-ref.ts';
import { worldOf } from './world-of.ts';

const NOT_ATTEMPTED: DryRun = { attempted: false, mode: null, ok: false, rc: null, stderr: null };

const dryRun = async (
  cluster: Cluster,
  { ref, item, live }: { ref: WorkloadRef; item: PlanItem; live: ObjectOutcome },
): Promise<Outcome> => {
  const patch = item.patch ?? {};
  if (isPatchedInPlace(ref.kind)) return cluster.patch(ref, patch, { dryRun: true });
  if (live.object === undefined)
    return live.ok ? failure('the workload could not be read as an object') : live;
  const { resourceVersion } = live.object.metadata;
  const wanted = patchForKind(patch, live.object);
  return cluster.patch(ref, wanted, { dryRun: true, resourceVersion });
};

const note = (kind: string | undefined, { stderr }: Outcome): string =>
  kind === 'Job' && /immutable/i.test(stderr)
    ? '; a Job takes another pod template only while it is suspended'
    : '';

/**
 * Looks at one item: its namespace, its workload, then the patch as a server dry run. The workload's version is read
 * before the dry run, so that whatever changes after that reading makes an apply that is bound to it a conflict. A
 * namespace that may not be read counts as there when the workload in it can be: reading namespaces is no right that a
 * patch needs.
 */
export const verifyItem = async (cluster: Cluster, planned: PlanItem): Promise<ItemFinding> => {
  const ref = refOf(planned);
  const { namespace, name } = ref;
  const seen = { namespace, name, object: objectOf(planned) };
  const blocked = (
    kind: BlockerKind,
    outcome: Outcome,
    found: { namespace_exists: boolean; deployment_exists: boolean; dry_run?: DryRun },
  ): ItemFinding => ({
    item: { dry_run: NOT_ATTEMPTED, ...seen, ...found },
    blocker: {
      kind,
      detail: outcomeDetail(outcome) + note(ref.kind, outcome),
      text: outcome.stderr,
    },
  });

  const inNamespace = await cluster.namespaceExists(namespace);
  if (!inNamespace.ok && !isDenied(inNamespace))
    return blocked(readBlocker(inNamespace, 'namespace_missing'), inNamespace, {
      namespace_exists: false,
      deployment_exists: false,
    });

  const there = await cluster.workloadExists(ref);
  if (!there.ok)
    return blocked(readBlocker(there, 'deployment_missing'), there, {
      namespace_exists: inNamespace.ok,
      deployment_exists: false,
    });

  const live = await cluster.workload(ref);
  const tried = await dryRun(cluster, { ref, item: planned, live });
  const dry_run: DryRun = {
    attempted: true,
    mode: 'server',
    ok: tried.ok,
    rc: tried.rc,
    stderr: tried.stderr.trim(),
  };
  const found = { namespace_exists: true, deployment_exists: true, dry_run };
  if (!tried.ok) return blocked(dryRunBlocker(tried), tried, found);
  const resourceVersion = live.object?.metadata.resourceVersion;
  const worldRevision = worldOf(live.object);
  return {
    item: { ...seen, ...found },
    ...(resourceVersion && { resourceVersion }),
    ...(worldRevision && { worldRevision }),
  };
};
