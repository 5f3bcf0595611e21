import type { Cluster, KubeObject } from '@holdfast/kube';

/** Which log is read, and what is known of where it comes from. */
export interface LogTarget {
  readonly target: { readonly pod: string } | { readonly deployment: string };
  readonly node?: string;
  /** The value of the annotation `modekeeper/telemetry`, of the pod or else of the workload. */
  readonly format?: string;
}

const TELEMETRY_ANNOTATION = 'modekeeper/telemetry';
/** Any container will do. */
export const ANY_CONTAINER = 'auto';

const containersOf = ({ spec }: KubeObject): readonly string[] => {
  const containers = spec?.['containers'];
  if (!Array.isArray(containers)) return [];
  return containers.flatMap((container: unknown) =>
    typeof container === 'object' && container !== null && 'name' in container
      ? [String(container.name)]
      : [],
  );
};

const nodeOf = ({ spec }: KubeObject): string | undefined => {
  const node = spec?.['nodeName'];
  return typeof node === 'string' && node !== '' ? node : undefined;
};

const nameOf = (pod: KubeObject): string => pod.metadata.name ?? '';
const madeAt = (pod: KubeObject): string => pod.metadata.creationTimestamp ?? '';

/** The newest pod that has the container, else the first by name; the first by name where any container will do. */
export const choosePod = (
  pods: readonly KubeObject[],
  container: string,
): KubeObject | undefined => {
  const byName = pods.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  if (container === ANY_CONTAINER) return byName[0];
  const newest = byName
    .filter((pod) => containersOf(pod).includes(container))
    .toSorted((a, b) => (madeAt(a) > madeAt(b) ? -1 : 1))[0];
  return newest ?? byName[0];
};

/** Looks for the pod whose log tells of a workload. Without one, the workload itself is the target. */
export const findLogTarget = async (
  cluster: Cluster,
  wanted: {
    readonly namespace: string;
    readonly deployment: string;
    readonly container: string;
    readonly pod?: string;
  },
): Promise<LogTarget> => {
  const { namespace, deployment, container } = wanted;
  const pod =
    wanted.pod === undefined
      ? choosePod((await cluster.pods(namespace, `app=${deployment}`)).items ?? [], container)
      : ((await cluster.pod(namespace, wanted.pod)).object ?? { metadata: { name: wanted.pod } });
  const own = pod?.metadata.annotations?.[TELEMETRY_ANNOTATION];
  const format =
    own ??
    (await cluster.workload({ namespace, name: deployment })).object?.metadata.annotations?.[
      TELEMETRY_ANNOTATION
    ];
  const node = pod === undefined ? undefined : nodeOf(pod);
  return {
    target: pod === undefined ? { deployment } : { pod: nameOf(pod) },
    ...(node === undefined ? {} : { node }),
    ...(format === undefined ? {} : { format }),
  };
};
