import { HoldfastError, type Plan, type PlanStep, type VerifyReport } from '@holdfast/contracts';
import { workloadKind, type Cluster, type WorkloadRef } from '@holdfast/kube';
import { worldRevision, type KubeObject } from '@holdfast/tuning';
import { isPassing, requireObject, versionOf, wordsOf } from '../cluster/read-object.ts';
import type { Parts } from '../parts.ts';
import { differencesFrom, holds } from './sparse-patch.ts';
import { stepPatch } from './step-patch.ts';
import { otherObject, readTuneAction, tuneSteps, workloadOfTarget } from './tune-action.ts';

type Check = VerifyReport['checks'][number];

/** Why the workload may not be patched by whom the kubeconfig says; undefined where nobody says no. */
const refusedAccess = async (cluster: Cluster, ref: WorkloadRef): Promise<string | undefined> => {
  const { group, plural } = workloadKind(ref.kind)!;
  const resource = `${plural}.${group}`;
  const { namespace } = ref;
  const { allowed } = await cluster.checkAccess({ verb: 'patch', resource, namespace });
  return allowed === false ? `patching ${resource} in ${namespace} is not allowed` : undefined;
};

const verifyStep = async (
  { context, clusters }: Parts,
  { change, target }: Plan,
  { key, do: planned }: PlanStep,
  object: KubeObject,
): Promise<Check> => {
  const action = readTuneAction(planned);
  const cluster = clusters(action.context);
  const check = (ok: boolean, detail: string): Check => ({
    step: key,
    ok,
    detail: detail.slice(0, 4000),
  });
  const other = otherObject(action, object);
  if (other !== undefined) return check(false, other);
  if (action.restores && holds(action.patch, object))
    return check(true, 'the workload has these values already');
  if (!holds(action.expects, object)) {
    const words = differencesFrom(action.expects, object).join('; ');
    return check(false, `it is not as it was planned for: ${words}`);
  }
  const denied = await refusedAccess(cluster, action.ref);
  if (denied !== undefined) return check(false, denied);
  const patch = stepPatch(action, object, { run: change, step: key }, context.clock.now());
  const options = { dryRun: true, resourceVersion: versionOf(object) };
  const outcome = await cluster.patch(action.ref, patch, options);
  if (outcome.ok) return check(true, 'the server takes the patch');
  // Somebody was quicker than this dry run: the next one will do.
  if (isPassing(outcome)) {
    const id = workloadOfTarget(target);
    throw new HoldfastError('cluster_unavailable', { id, detail: wordsOf(outcome) });
  }
  return check(false, wordsOf(outcome));
};

/** Has the server check and admit every patch of a plan without storing it, and names the world as it is now. */
export const verifyTune = async (parts: Parts, plan: Plan): Promise<VerifyReport> => {
  const { context, clusters } = parts;
  const steps = tuneSteps(plan);
  const checks: Check[] = [];
  let world_revision = '';
  for (const step of steps) {
    const { context: place, ref } = readTuneAction(step.do);
    const object = await requireObject(clusters(place), ref, workloadOfTarget(plan.target));
    world_revision = worldRevision(object);
    checks.push(await verifyStep(parts, plan, step, object));
  }
  return {
    plan_hash: plan.hash,
    ok: checks.length > 0 && checks.every(({ ok }) => ok),
    world_revision,
    checks,
    verified_at: context.clock.iso(),
  };
};
