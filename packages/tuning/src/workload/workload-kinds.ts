import type { FieldPath } from './kube-object.ts';

/** A kind of workload that can be tuned, and where its pod templates and replica counts lie. */
export interface WorkloadKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** What kubectl calls it before the slash. */
  readonly resource: string;
  readonly templates: readonly FieldPath[];
  readonly replicas: readonly FieldPath[];
  /** Replicas of a place that names none, as the API server fills them in. */
  readonly default_replicas: number;
  /** A field that must be true for the pod template to be changeable. */
  readonly mutable_when?: FieldPath;
}

export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    plural: 'deployments',
    resource: 'deployment',
    templates: [['spec', 'template']],
    replicas: [['spec', 'replicas']],
    default_replicas: 1,
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    resource: 'statefulset',
    templates: [['spec', 'template']],
    replicas: [['spec', 'replicas']],
    default_replicas: 1,
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    plural: 'jobs',
    resource: 'job',
    templates: [['spec', 'template']],
    replicas: [['spec', 'parallelism']],
    default_replicas: 1,
    mutable_when: ['spec', 'suspend'],
  },
  {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    plural: 'pytorchjobs',
    resource: 'pytorchjobs.kubeflow.org',
    templates: [['spec', 'pytorchReplicaSpecs', '*', 'template']],
    replicas: [['spec', 'pytorchReplicaSpecs', '*', 'replicas']],
    default_replicas: 1,
  },
  {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    plural: 'rayclusters',
    resource: 'rayclusters.ray.io',
    // The head coordinates, the workers train: their number alone is the number of replicas.
    templates: [
      ['spec', 'headGroupSpec', 'template'],
      ['spec', 'workerGroupSpecs', '*', 'template'],
    ],
    replicas: [['spec', 'workerGroupSpecs', '*', 'replicas']],
    default_replicas: 0,
  },
];

/** The kind of this name; `apiVersion` undefined takes the one it is known by, any other must be just that. */
export const findKind = (kind: string, apiVersion?: unknown): WorkloadKind | undefined =>
  WORKLOAD_KINDS.find(
    (known) => known.kind === kind && (apiVersion === undefined || known.apiVersion === apiVersion),
  );
