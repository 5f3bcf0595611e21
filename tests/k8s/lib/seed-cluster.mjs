import { callApi } from './call-api.mjs';

const READER = 'holdfast-test-reader';
const RBAC = 'rbac.authorization.k8s.io';

const node = (index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `node-${index}`,
    labels: { 'kubernetes.io/hostname': `node-${index}`, 'kubernetes.io/os': 'linux' },
  },
});

/** Reads what a runner that only looks may read; it changes nothing. */
const readerRole = {
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name: READER },
  rules: [
    {
      apiGroups: [''],
      resources: ['namespaces', 'nodes', 'pods', 'pods/log'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['apps', 'batch'],
      resources: ['deployments', 'replicasets', 'statefulsets', 'jobs'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
};

const readerBinding = {
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name: READER },
  subjects: [{ kind: 'User', name: 'reader', apiGroup: RBAC }],
  roleRef: { kind: 'ClusterRole', name: READER, apiGroup: RBAC },
};

/** Makes the nodes and the rights of `reader`, through the API. `kubeconfig`: of the administrator. */
export const seedCluster = async (kubeconfig, nodes) => {
  const objects = [
    [`/apis/${RBAC}/v1/clusterroles`, readerRole],
    [`/apis/${RBAC}/v1/clusterrolebindings`, readerBinding],
    ...Array.from({ length: nodes }, (_, index) => ['/api/v1/nodes', node(index + 1)]),
  ];
  for (const [path, object] of objects) {
    const { status, body } = await callApi(kubeconfig, 'POST', path, object);
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${body.message ?? ''}`);
  }
};

const isUsable = ({ spec, status }) =>
  spec.taints === undefined &&
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');

/** Whether pods can be made and placed: every node is usable and `default` has its service account. */
export const isSettled = async (kubeconfig, nodes) => {
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  if ((await callApi(kubeconfig, 'GET', account)).status !== 200) return false;
  const { status, body } = await callApi(kubeconfig, 'GET', '/api/v1/nodes');
  return status === 200 && body.items.filter(isUsable).length === nodes;
};
