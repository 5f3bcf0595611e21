/**
 * A small cluster as data, and what its server says about it: shared by the doubles of kubectl and of the API, so that
 * both tell the same story. A world is JSON:
 *   user            whom the server takes the caller for
 *   context         current context; `contexts`: all of them; `client_version`, `server_version`
 *   objects         Kubernetes objects with apiVersion, kind and metadata (namespaces are objects, too)
 *   denied          rules of what the user may not do: {verb, resource, namespace?}; `*` is any verb or resource
 *   refuse_patch    what admission says to every patch
 *   logs            {"namespace/pod": [lines]}
 */
const KINDS = [
  ['Namespace', '', 'namespaces', 'ns'],
  ['Node', '', 'nodes', 'no'],
  ['Pod', '', 'pods', 'po'],
  ['Service', '', 'services', 'svc'],
  ['Deployment', 'apps', 'deployments', 'deploy'],
  ['StatefulSet', 'apps', 'statefulsets', 'sts'],
  ['DaemonSet', 'apps', 'daemonsets', 'ds'],
  ['Job', 'batch', 'jobs', 'job'],
  ['PyTorchJob', 'kubeflow.org', 'pytorchjobs', 'pytorchjob'],
  ['RayCluster', 'ray.io', 'rayclusters', 'raycluster'],
].map(([kind, group, plural, short]) => ({
  kind,
  group,
  version: 'v1',
  plural,
  short,
  namespaced: kind !== 'Namespace' && kind !== 'Node',
  full: group === '' ? plural : `${plural}.${group}`,
}));

export { KINDS };

/** `deployment`, `deploy`, `deployments`, `deployments.apps`, `pytorchjobs.kubeflow.org` ... */
export const kindOf = (word) =>
  KINDS.find(
    ({ kind, plural, short, full }) =>
      [plural, short, full].includes(word) || kind.toLowerCase() === word,
  );

export const status = (code, reason, message) => ({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
});

const matches = (rule, value) => rule === undefined || rule === '*' || rule === value;

export const isAllowed = (world, { verb, resource, namespace }) =>
  !(world.denied ?? []).some(
    (rule) =>
      matches(rule.verb, verb) &&
      matches(rule.resource, resource) &&
      matches(rule.namespace, namespace),
  );

/** The Status that refuses this, or nothing. */
export const denial = (world, { kind, verb, namespace, name }) => {
  const resource = kind.plural;
  if (isAllowed(world, { verb, resource, namespace })) return undefined;
  const where =
    kind.namespaced && namespace !== undefined
      ? `in the namespace "${namespace}"`
      : 'at the cluster scope';
  const what = name === undefined ? `${kind.full} is` : `${kind.full} "${name}" is`;
  return status(
    403,
    'Forbidden',
    `${what} forbidden: User "${world.user ?? 'tester'}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${where}`,
  );
};

export const listObjects = (world, { kind, namespace, labels = {} }) =>
  (world.objects ?? []).filter(
    (object) =>
      object.kind === kind.kind &&
      (namespace === undefined || object.metadata.namespace === namespace) &&
      Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value),
  );

export const readObject = (world, { kind, namespace, name }) =>
  listObjects(world, { kind, namespace: kind.namespaced ? namespace : undefined }).find(
    (object) => object.metadata.name === name,
  ) ?? status(404, 'NotFound', `${kind.full} "${name}" not found`);

const isPlain = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (target, patch) => {
  if (!isPlain(patch)) return patch;
  const result = isPlain(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  return result;
};

/** The patched object, which is stored unless it is a dry run, or the Status that refuses it. */
export const patchObject = (world, { kind, namespace, name, patch, dryRun }) => {
  const found = readObject(world, { kind, namespace, name });
  if (found.kind === 'Status') return found;
  if (world.refuse_patch !== undefined)
    return status(400, 'BadRequest', `admission webhook denied the request: ${world.refuse_patch}`);
  const wanted = patch.metadata?.resourceVersion;
  if (wanted !== undefined && wanted !== found.metadata.resourceVersion)
    return status(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${kind.full} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    );
  const merged = merge(found, patch);
  if (kind.kind === 'Job' && found.spec?.suspend !== true && patch.spec?.template !== undefined)
    return status(
      422,
      'Invalid',
      `Job.batch "${name}" is invalid: spec.template: field is immutable`,
    );
  const isSame = JSON.stringify(merged) === JSON.stringify(found);
  const next = isSame
    ? found.metadata.resourceVersion
    : String(Number(found.metadata.resourceVersion ?? 0) + 1);
  merged.metadata = { ...merged.metadata, resourceVersion: next };
  if (!dryRun) world.objects[world.objects.indexOf(found)] = merged;
  return merged;
};

export const podLogs = (world, { namespace, name }) => world.logs?.[`${namespace}/${name}`] ?? [];

/** A world of one namespace with one deployment and one pod of it, for tests to change. */
export const trainerWorld = ({
  annotations = {},
  namespace = 'default',
  name = 'trainer',
} = {}) => ({
  user: 'system:serviceaccount:default:tuner',
  context: 'kind-test',
  contexts: ['kind-test', 'kind-other'],
  client_version: 'v1.32.4',
  server_version: 'v1.31.2',
  denied: [],
  objects: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, resourceVersion: '1' } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, resourceVersion: '10', annotations: { ...annotations } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name }, annotations: { ...annotations } },
          spec: { containers: [{ name: 'trainer', image: 'trainer' }] },
        },
      },
      status: { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-1`,
        namespace,
        resourceVersion: '11',
        labels: { app: name },
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      spec: { nodeName: 'node-a', containers: [{ name: 'trainer', image: 'trainer' }] },
      status: { phase: 'Running' },
    },
  ],
  logs: {},
});
