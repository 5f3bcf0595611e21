import { valueAt, type KubeObject } from './kube-object.ts';

export interface Rollout {
  readonly finished: boolean;
  readonly detail: string;
}

/** Kinds whose controller says in the status how far new pods have come. */
const ROLLING: readonly string[] = ['Deployment', 'StatefulSet'];

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
