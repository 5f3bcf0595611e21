import type { LogRequest } from '../cluster.ts';
import type { WorkloadKind, WorkloadRef } from '../workload.ts';

/*
 * Paths of the API from its root. Names are checked before they come here (RFC 1123), so that none can leave its
 * place in a path.
 */

const namespaced = (namespace: string): string => `/namespaces/${encodeURIComponent(namespace)}`;

const query = (values: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(values).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
};

export const VERSION_PATH = '/version';
export const NODES_PATH = '/api/v1/nodes';
export const NAMESPACES_PATH = '/api/v1/namespaces';
export const DEPLOYMENTS_PATH = '/apis/apps/v1/deployments';
export const ACCESS_REVIEW_PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

export const namespacePath = (namespace: string): string =>
  `${NAMESPACES_PATH}/${encodeURIComponent(namespace)}`;

export const workloadPath = (
  { group, version, plural }: WorkloadKind,
  { namespace, name }: WorkloadRef,
  parameters: Readonly<Record<string, string | undefined>> = {},
): string => {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespaced(namespace)}/${plural}/${encodeURIComponent(name)}${query(parameters)}`;
};

export const podsPath = (namespace: string, labelSelector?: string): string =>
  `/api/v1${namespaced(namespace)}/pods${query({ labelSelector })}`;

export const podPath = (namespace: string, name: string): string =>
  `/api/v1${namespaced(namespace)}/pods/${encodeURIComponent(name)}`;

export const daemonSetsPath = (namespace: string): string =>
  `/apis/apps/v1${namespaced(namespace)}/daemonsets`;

export const logPath = (
  pod: string,
  { namespace, sinceSeconds, previous }: LogRequest,
  container: string | undefined,
): string =>
  podPath(namespace, pod) +
  '/log' +
  query({
    timestamps: 'true',
    container,
    sinceSeconds: sinceSeconds > 0 ? String(sinceSeconds) : undefined,
    previous: previous === true ? 'true' : undefined,
  });
