import type { Cluster } from './cluster.ts';
import { until } from '../../harness/until.ts';

export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly replicas?: number;
    readonly unschedulable?: boolean;
  };
  readonly status: {
    readonly phase?: string;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly reason?: string }[];
  };
}

export const MERGE_PATCH = 'application/merge-patch+json';

export const deploymentsOf = (namespace: string) =>
  `/apis/apps/v1/namespaces/${namespace}/deployments`;
export const podsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'trainer', image: 'trainer:1' }] },
    },
  },
});

/** A merge patch that sets annotations of the pods, so that a Deployment replaces them. */
export const knobs = (values: Readonly<Record<string, string>>) => ({
  spec: { template: { metadata: { annotations: values } } },
});

export const makeNamespace = async (cluster: Cluster, name: string): Promise<void> => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await cluster.call('admin', 'POST', '/api/v1/namespaces', body);
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await until(
    `a service account in ${name}`,
    async () => (await cluster.call('admin', 'GET', account)).status === 200,
  );
};

/** Pods of a Deployment that are not being deleted. */
export const podsWith = async (cluster: Cluster, namespace: string, app: string) => {
  const path = `${podsOf(namespace)}?labelSelector=app%3D${app}`;
  const { body } = await cluster.call<{ items: KubeObject[] }>('admin', 'GET', path);
  return body.items.filter((pod) => !('deletionTimestamp' in pod.metadata));
};

export const readDeployment = async (cluster: Cluster, namespace: string, name: string) =>
  (await cluster.call<KubeObject>('admin', 'GET', `${deploymentsOf(namespace)}/${name}`)).body;

const isSettled = ({ status }: KubeObject, replicas: number): boolean =>
  status.availableReplicas === replicas &&
  (status.conditions ?? []).some(({ reason }) => reason === 'NewReplicaSetAvailable');

/** Makes a Deployment and waits until all of its pods are available, after which no controller writes it any more. */
export const makeDeployment = async (
  cluster: Cluster,
  namespace: string,
  name: string,
  replicas: number,
): Promise<KubeObject> => {
  await cluster.call('admin', 'POST', deploymentsOf(namespace), deployment(name, replicas));
  return until(`${name} to be available`, async () => {
    const found = await readDeployment(cluster, namespace, name);
    return isSettled(found, replicas) ? found : undefined;
  });
};
