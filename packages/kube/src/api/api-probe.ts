import type { Outcome, Probe } from '../cluster.ts';
import { success, withItems, withObject } from '../outcome.ts';
import type { KubeObject, WorkloadKind } from '../workload.ts';
import { workloadKind } from '../workload.ts';
import { reviewAccess } from './access-review.ts';
import type { ApiClient } from './api-client.ts';
import {
  daemonSetsPath,
  NAMESPACES_PATH,
  NODES_PATH,
  podsPath,
  VERSION_PATH,
  workloadPath,
} from './api-paths.ts';
import type { Session } from './session.ts';

const DEPLOYMENT = workloadKind('Deployment') as WorkloadKind;

const nameOf = (object: KubeObject): string => object.metadata.name ?? '';

const podLine = (pod: KubeObject): string =>
  [nameOf(pod), pod.status?.phase ?? '-', pod.spec?.nodeName ?? '-'].map(String).join('  ');

const deploymentLine = (object: KubeObject): string =>
  `${nameOf(object)}  ${Number(object.status?.readyReplicas ?? 0)}/${Number(object.spec?.replicas ?? 1)}`;

const listed = async (
  client: ApiClient,
  path: string,
  line: (object: KubeObject) => string,
): Promise<Outcome> => {
  const answer = withItems(await client.call({ path }));
  return answer.ok
    ? success((answer.items ?? []).map((item) => `${line(item)}\n`).join(''))
    : answer;
};

const deploymentWide = async (
  client: ApiClient,
  ref: { namespace: string; name: string },
): Promise<Outcome> => {
  const answer = withObject(await client.call({ path: workloadPath(DEPLOYMENT, ref) }));
  return answer.object ? success(`${deploymentLine(answer.object)}\n`) : answer;
};

const clusterInfo = async (client: ApiClient, session: Session): Promise<Outcome> => {
  const answer = await client.call({ path: VERSION_PATH });
  if (!answer.ok) return answer;
  const { server } = await session.access();
  return success(`Kubernetes control plane answers at ${server}\n`);
};

/** One question of the preflight, asked of the API. */
export const probeApi = (client: ApiClient, session: Session, probe: Probe): Promise<Outcome> => {
  switch (probe.ask) {
    case 'cluster_info':
      return clusterInfo(client, session);
    case 'namespaces':
      return listed(client, NAMESPACES_PATH, nameOf);
    case 'nodes':
      return client.call({ path: NODES_PATH });
    case 'system_daemon_sets':
      return listed(client, daemonSetsPath('kube-system'), nameOf);
    case 'system_pods':
      return listed(client, podsPath('kube-system'), nameOf);
    case 'deployment_wide':
      return deploymentWide(client, probe);
    case 'deployment':
      return client.call({ path: workloadPath(DEPLOYMENT, probe) });
    case 'pods_wide':
      return listed(client, podsPath(probe.namespace), podLine);
    case 'can_i_get':
      return reviewAccess(client, { verb: 'get', ...probe });
  }
};
