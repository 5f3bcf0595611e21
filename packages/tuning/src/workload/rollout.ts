import { valueAt, type KubeObject } from './kube-object.ts';

export interface Rollout {
  readonly finished: boolean;
  readonly detail: string;
}

/** Kinds whose controller says in the status how far new pods have come. */
const ROLLING: readonly string[] = ['Deployment', 'StatefulSet'];

/**
 * Why new pods would never come by themselves, so that no rollout ends: a paused Deployment, a StatefulSet that replaces
 * pods only as they are deleted, or not all of them. Undefined where nothing is in the way.
 */
export const rolloutObstacle = (object: KubeObject): string | undefined => {
  const kind = object['kind'];
  if (kind === 'Deployment' && valueAt(object, ['spec', 'paused']) === true)
    return 'its rollouts are paused';
  if (kind !== 'StatefulSet') return undefined;
  const strategy = (...path: string[]) => valueAt(object, ['spec', 'updateStrategy', ...path]);
  if (strategy('type') === 'OnDelete') return 'its update strategy is OnDelete';
  const partition = strategy('rollingUpdate', 'partition');
  return typeof partition === 'number' && partition > 0
    ? `its update strategy leaves out the first ${partition} pods`
    : undefined;
};

/**
 * How far a workload has come since its last specification. Fields as of Kubernetes 1.31 (`DeploymentStatus`,
 * `StatefulSetStatus`). What has no rollout is finished once it is stored.
 */
export const rolloutOf = (object: KubeObject): Rollout => {
  if (!ROLLING.includes(String(object['kind'])))
    return { finished: true, detail: 'there is no rollout of this kind' };
  const number = (...path: string[]): number => {
    const value = valueAt(object, path);
    return typeof value === 'number' ? value : 0;
  };
  if (number('status', 'observedGeneration') < number('metadata', 'generation'))
    return { finished: false, detail: 'its controller has not seen it yet' };
  const desired = valueAt(object, ['spec', 'replicas']) ?? 1;
  const updated = number('status', 'updatedReplicas');
  const available = number('status', 'availableReplicas');
  const all = number('status', 'replicas');
  const finished = updated >= Number(desired) && available >= Number(desired) && all <= updated;
  const detail = `${updated} of ${Number(desired)} replicas are updated, ${available} available`;
  return { finished, detail };
};
