type Annotations = Record<string, string>;

const template = (annotations?: Annotations, more: Record<string, unknown> = {}) => ({
  metadata: { labels: { app: 'trainer' }, ...(annotations === undefined ? {} : { annotations }) },
  spec: { containers: [{ name: 'trainer', image: 'trainer:1' }] },
  ...more,
});

const named = (apiVersion: string, kind: string, annotations: Annotations | undefined) => ({
  apiVersion,
  kind,
  metadata: {
    name: 'trainer',
    namespace: 'ml',
    resourceVersion: '41',
    ...(annotations === undefined ? {} : { annotations }),
  },
});

export const deployment = (onTemplate?: Annotations, own?: Annotations, replicas?: number) => ({
  ...named('apps/v1', 'Deployment', own),
  spec: { ...(replicas === undefined ? {} : { replicas }), template: template(onTemplate) },
});

export const statefulSet = (onTemplate?: Annotations, replicas?: number) => ({
  ...deployment(onTemplate, undefined, replicas),
  kind: 'StatefulSet',
});

export const job = (suspend: boolean, parallelism?: number) => ({
  ...named('batch/v1', 'Job', undefined),
  spec: { suspend, parallelism, template: template() },
});

/** One master and three workers. */
export const pyTorchJob = (onMaster?: Annotations, onWorkers?: Annotations) => ({
  ...named('kubeflow.org/v1', 'PyTorchJob', undefined),
  spec: {
    pytorchReplicaSpecs: {
      Master: { template: template(onMaster) },
      Worker: { replicas: 3, template: template(onWorkers) },
    },
  },
});

/** A head and two groups of two and three workers. */
export const rayCluster = (onAll?: Annotations) => ({
  ...named('ray.io/v1', 'RayCluster', undefined),
  spec: {
    headGroupSpec: { template: template(onAll) },
    workerGroupSpecs: [
      { groupName: 'big', replicas: 2, template: template(onAll) },
      { groupName: 'small', replicas: 3, template: template(onAll) },
    ],
  },
});

/** JSON merge patch as RFC 7386 section 2 defines it. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const merged = new Map<string, unknown>(isObject ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
};
