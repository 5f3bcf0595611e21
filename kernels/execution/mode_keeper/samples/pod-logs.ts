import { type Cluster, type KubeObject as PodObject, type LogRequest } from '@holdfast/kube';
import { observeLog, type LogFormat, type Observed } from '@holdfast/telemetry';
import { isRecord, valueAt, type KubeObject } from '@holdfast/tuning';
import { wordsOf } from '../cluster/read-object.ts';

/** Labels by which operators mark the pods of what has no selector of its own. */
const NAME_LABELS: Readonly<Record<string, string>> = {
  PyTorchJob: 'training.kubeflow.org/job-name',
  RayCluster: 'ray.io/cluster',
};

/** What a pod may say in a window: one that says more is no log of samples, and is not held in memory. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

async function* bounded(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let left = MOST_CHARACTERS;
  for await (const line of lines) {
    left -= line.length + 1;
    if (left < 0)
      throw new Error(`its log of the window is longer than ${MOST_CHARACTERS / 1024 / 1024} MiB`);
    yield line;
  }
}

const selectorOf = (object: KubeObject, name: string): string | undefined => {
  const label = NAME_LABELS[String(object['kind'])];
  if (label !== undefined) return `${label}=${name}`;
  const labels = valueAt(object, ['spec', 'selector', 'matchLabels']);
  const terms = Object.entries(isRecord(labels) ? labels : {}).map(
    ([key, value]) => `${key}=${String(value)}`,
  );
  return terms.length === 0 ? undefined : terms.join(',');
};

const newest = (pods: readonly PodObject[]): PodObject | undefined =>
  pods
    .filter(({ status }) => status?.phase === 'Running')
    .toSorted((a, b) =>
      (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
    )[0];

export interface PodLogRequest {
  readonly object: KubeObject;
  readonly namespace: string;
  readonly name: string;
  readonly container: string | null;
  readonly format: LogFormat;
  readonly sinceSeconds: number;
}

/** The pod whose log is read, with its node; or why there is none. */
const choosePod = async (
  cluster: Cluster,
  { object, namespace, name }: PodLogRequest,
): Promise<{ target: LogRequest['target']; node?: string } | { problem: string }> => {
  const selector = selectorOf(object, name);
  if (selector === undefined) return { problem: 'the workload selects no pods by label' };
  const listed = await cluster.pods(namespace, selector);
  if (!listed.ok) return { problem: wordsOf(listed) };
  const pod = newest(listed.items ?? []);
  if (pod?.metadata.name === undefined) return { problem: 'no pod of the workload is running' };
  const node = pod.spec?.nodeName;
  return {
    target: { pod: pod.metadata.name },
    ...(typeof node === 'string' ? { node } : {}),
  };
};

/** Samples from the log of the newest running pod of a workload. A source that fails says so in `error`. */
export const observePodLogs = async (
  cluster: Cluster,
  request: PodLogRequest,
): Promise<Observed> => {
  const { namespace, container, format, sinceSeconds } = request;
  const pod = await choosePod(cluster, request);
  if ('problem' in pod) return { ...(await observeLog([])), error: pod.problem };
  const log = cluster.logs({
    namespace,
    target: pod.target,
    sinceSeconds,
    ...(container === null ? {} : { container }),
  });
  const observed = await observeLog(bounded(log), { format, node: pod.node });
  const end = await log.outcome;
  return { ...observed, error: observed.error ?? (end.ok ? undefined : wordsOf(end)) };
};
