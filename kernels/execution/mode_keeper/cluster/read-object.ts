import { HoldfastError } from '@holdfast/contracts';
import type { Cluster, Outcome, WorkloadRef } from '@holdfast/kube';
import type { KubeObject } from '@holdfast/tuning';

/** Words of the server that say "later": anything else that it says is its last word. */
const LATER: readonly string[] = [
  'Conflict',
  'InternalError',
  'ServerTimeout',
  'ServiceUnavailable',
  'Timeout',
  'TooManyRequests',
];

/** Whether a call may give something else if it is made again: no word of the server is no answer. */
export const isPassing = ({ reason }: Pick<Outcome, 'reason'>): boolean =>
  reason === undefined || LATER.includes(reason);

/** What a call said, in one line. */
export const wordsOf = ({ stderr, rc }: Outcome): string =>
  (stderr.replaceAll(/\s+/g, ' ').trim() || `the call ended with ${rc}`).slice(0, 2000);

/** `passing`: another try may give the object. */
export type ObjectRead =
  { readonly object: KubeObject } | { readonly detail: string; readonly passing: boolean };

export const readObject = async (cluster: Cluster, ref: WorkloadRef): Promise<ObjectRead> => {
  const outcome = await cluster.workload(ref);
  if (outcome.object !== undefined) return { object: outcome.object as unknown as KubeObject };
  return { detail: wordsOf(outcome), passing: isPassing(outcome) };
};

/** Throws cluster_unavailable where another try may help, plan_failed where the server said no. */
export const requireObject = async (
  cluster: Cluster,
  ref: WorkloadRef,
  id: string,
): Promise<KubeObject> => {
  const read = await readObject(cluster, ref);
  if ('object' in read) return read.object;
  const { detail } = read;
  if (read.passing) throw new HoldfastError('cluster_unavailable', { id, detail });
  throw new HoldfastError('plan_failed', { detail: `reading the workload: ${detail}` });
};

/** The version of an object as a precondition of a patch. */
export const versionOf = (object: KubeObject): string | undefined => {
  const { resourceVersion } = object['metadata'] as { resourceVersion?: string };
  return resourceVersion;
};
