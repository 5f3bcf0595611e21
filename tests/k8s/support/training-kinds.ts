import type { Cluster } from './cluster.ts';
import { until } from '../../harness/until.ts';

/** Kinds of training operators, with any content: no operator runs here. */
const KINDS = [
  { group: 'kubeflow.org', kind: 'PyTorchJob', plural: 'pytorchjobs' },
  { group: 'ray.io', kind: 'RayCluster', plural: 'rayclusters' },
] as const;

const ANYTHING = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const definition = ({ group, kind, plural }: (typeof KINDS)[number]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: ANYTHING } }],
  },
});

/** Makes PyTorchJob (kubeflow.org/v1) and RayCluster (ray.io/v1) known, and waits until they are served. */
export const makeTrainingKinds = async (cluster: Cluster): Promise<void> => {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const kind of KINDS) await cluster.call('admin', 'POST', path, definition(kind));
  for (const { group, plural } of KINDS)
    await until(`${plural} to be served`, async () => {
      const list = `/apis/${group}/v1/namespaces/default/${plural}`;
      return (await cluster.call('admin', 'GET', list)).status === 200;
    });
};
