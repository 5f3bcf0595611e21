import type { Cluster, KubeObject, Outcome } from '@holdfast/kube';

export interface FleetDeployment {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One context of a fleet: what it holds, or why it could not be asked. */
export interface FleetContext {
  readonly context: string;
  readonly namespaces: readonly string[];
  readonly deployments: readonly FleetDeployment[];
  readonly error?: { readonly reason: 'kubectl_failed'; readonly rc: number };
}

const nameOf = ({ metadata }: KubeObject): string => metadata.name ?? '';

const deploymentOf = (object: KubeObject): FleetDeployment => ({
  namespace: object.metadata.namespace ?? 'default',
  name: nameOf(object),
  annotations: object.metadata.annotations ?? {},
});

const readContext = async (cluster: Cluster, context: string): Promise<FleetContext> => {
  const own = cluster.inContext(context);
  const [namespaces, deployments] = await Promise.all([own.namespaces(), own.deployments()]);
  const failed: Outcome | undefined = [namespaces, deployments].find(({ ok }) => !ok);
  if (failed !== undefined)
    return {
      context,
      namespaces: [],
      deployments: [],
      error: { reason: 'kubectl_failed', rc: failed.rc },
    };
  return {
    context,
    namespaces: (namespaces.items ?? []).map(nameOf).toSorted(),
    deployments: (deployments.items ?? [])
      .map(deploymentOf)
      .toSorted((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1)),
  };
};

/** The contexts that are asked for, each once, in their order: those of the flags, else the present one. */
export const contextNames = async (
  cluster: Cluster,
  flags: { readonly contexts?: string; readonly context: readonly string[] },
): Promise<string[]> => {
  const named = [...(flags.contexts?.split(',') ?? []), ...flags.context]
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (named.length > 0) return [...new Set(named)];
  const current = await cluster.currentContext();
  const name = current.ok ? current.stdout.trim() : '';
  return name === '' ? [] : [name];
};

/** Asks the contexts one after the other: a fleet may be large, and each question is a process. */
export const readContexts = async (
  cluster: Cluster,
  names: readonly string[],
): Promise<FleetContext[]> => {
  const found: FleetContext[] = [];
  for (const name of names) found.push(await readContext(cluster, name));
  return found;
};
