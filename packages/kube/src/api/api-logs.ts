import type { LogRequest, LogStream, ObjectOutcome, Outcome } from '../cluster.ts';
import { linesOf } from '../lines.ts';
import { failure, isRecord, success, withItems, withObject } from '../outcome.ts';
import { workloadKind } from '../workload.ts';
import type { KubeObject, WorkloadKind } from '../workload.ts';
import type { ApiClient } from './api-client.ts';
import { logPath, podPath, podsPath, workloadPath } from './api-paths.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';
const DEPLOYMENT = workloadKind('Deployment') as WorkloadKind;

const selectorOf = (object: KubeObject | undefined): string | undefined => {
  const selector = isRecord(object?.spec?.selector) ? object.spec.selector : {};
  if (!isRecord(selector.matchLabels)) return undefined;
  const terms = Object.entries(selector.matchLabels).map(([key, value]) => `${key}=${value}`);
  return terms.length === 0 ? undefined : terms.join(',');
};

const isRunning = ({ status }: KubeObject): boolean => status?.phase === 'Running';

/** Of the pods of a workload, the newest one that runs; where none does, the newest. */
const choosePod = (pods: readonly KubeObject[]): KubeObject | undefined =>
  pods.toSorted(
    (left, right) =>
      Number(isRunning(right)) - Number(isRunning(left)) ||
      (right.metadata.creationTimestamp ?? '').localeCompare(left.metadata.creationTimestamp ?? ''),
  )[0];

const defaultContainer = (pod: KubeObject): string | undefined => {
  const named = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  const containers = Array.isArray(pod.spec?.containers) ? pod.spec.containers : [];
  const first: unknown = containers.find(isRecord)?.name;
  return named ?? (typeof first === 'string' ? first : undefined);
};

const podOf = async (client: ApiClient, request: LogRequest): Promise<ObjectOutcome> => {
  const { namespace, target } = request;
  if ('pod' in target)
    return withObject(await client.call({ path: podPath(namespace, target.pod) }));
  const ref = { namespace, name: target.deployment };
  const found = withObject(await client.call({ path: workloadPath(DEPLOYMENT, ref) }));
  if (!found.ok) return found;
  const selector = selectorOf(found.object);
  if (selector === undefined) return failure(`deployment ${ref.name} selects no pods by label`);
  const listed = withItems(await client.call({ path: podsPath(namespace, selector) }));
  if (!listed.ok) return listed;
  const object = choosePod(listed.items ?? []);
  return object === undefined
    ? failure(`no pods of deployment ${ref.name} in namespace ${namespace}`)
    : { ...listed, object };
};

/** The log of a pod as a stream. The call starts with the iteration and ends with its reader. */
export const streamApiLogs = (client: ApiClient, request: LogRequest): LogStream => {
  let settle: (outcome: Outcome) => void;
  const outcome = new Promise<Outcome>((resolve) => (settle = resolve));
  return {
    outcome,
    async *[Symbol.asyncIterator]() {
      const pod = await podOf(client, request);
      const name = pod.object?.metadata.name;
      if (pod.object === undefined || name === undefined)
        return settle(pod.ok ? failure('the server answered with no pod') : pod);
      const container = request.container ?? defaultContainer(pod.object);
      const opened = await client.open({ path: logPath(name, request, container) });
      if ('ok' in opened) return settle(opened);
      let end: Outcome = success('');
      try {
        yield* linesOf(opened.response);
      } catch (error) {
        end = opened.failed(error);
      } finally {
        opened.response.destroy();
        settle(end);
      }
    },
  };
};
