import type { LogRequest, PatchOptions, Probe } from '../cluster.ts';
import type { WorkloadKind, WorkloadRef } from '../workload.ts';
import { FIELD_MANAGER } from '../cluster.ts';

/*
 * The argument lists of kubectl, one place for all: other programs stand in for kubectl and match them word by word.
 * Nothing here reaches a shell.
 */

export const CURRENT_CONTEXT = ['config', 'current-context'];
export const CONTEXTS = ['config', 'get-contexts', '-o', 'name'];
export const CLIENT_VERSION = ['version', '--client', '-o', 'json'];
export const CLIENT_VERSION_SHORT = ['version', '--client', '--short'];
export const SERVER_VERSION = ['version', '-o', 'json'];
export const NAMESPACES = ['get', 'namespaces', '-o', 'json'];
export const DEPLOYMENTS = ['get', 'deployments', '-A', '-o', 'json'];

const slashed = (kind: WorkloadKind, name: string): string => `${kind.resource}/${name}`;

export const namespaceArgs = (namespace: string): string[] => [
  'get',
  `namespace/${namespace}`,
  '-o',
  'name',
];

export const workloadArgs = (
  kind: WorkloadKind,
  { namespace, name }: WorkloadRef,
  form: 'name' | 'json',
): string[] => ['-n', namespace, 'get', slashed(kind, name), '-o', form];

export const canIArgs = (namespace: string, verb: string, resource: string): string[] => [
  '-n',
  namespace,
  'auth',
  'can-i',
  verb,
  resource,
];

export const mergeArgs = (
  kind: WorkloadKind,
  { namespace, name }: WorkloadRef,
  { dryRun, patch }: { dryRun: boolean; patch: string },
): string[] => [
  '-n',
  namespace,
  'patch',
  slashed(kind, name),
  '--type',
  'merge',
  ...(dryRun ? ['--dry-run=server', '-o', 'name'] : []),
  '-p',
  patch,
];

/** The object comes on standard input. */
export const serverSideApplyArgs = (
  namespace: string,
  { dryRun, force }: Pick<PatchOptions, 'dryRun' | 'force'>,
): string[] => [
  '-n',
  namespace,
  'apply',
  '--server-side',
  `--field-manager=${FIELD_MANAGER}`,
  ...(force === true ? ['--force-conflicts'] : []),
  ...(dryRun ? ['--dry-run=server'] : []),
  '-o',
  'name',
  '-f',
  '-',
];

export const podsArgs = (namespace: string, selector: string): string[] => [
  'get',
  'pods',
  '-n',
  namespace,
  '-l',
  selector,
  '-o',
  'json',
];

export const podArgs = (namespace: string, name: string): string[] => [
  'get',
  `pod/${name}`,
  '-n',
  namespace,
  '-o',
  'json',
];

export const logsArgs = (request: LogRequest): string[] => [
  'logs',
  '-n',
  request.namespace,
  'pod' in request.target ? request.target.pod : `deployment/${request.target.deployment}`,
  ...(request.container === undefined ? [] : ['-c', request.container]),
  ...(request.previous === true ? ['--previous'] : []),
  '--timestamps',
  '--since',
  `${request.sinceSeconds}s`,
];

export const probeArgs = (probe: Probe): string[] => {
  switch (probe.ask) {
    case 'cluster_info':
      return ['cluster-info'];
    case 'namespaces':
      return ['get', 'ns'];
    case 'nodes':
      return ['get', 'nodes', '-o', 'json'];
    case 'system_daemon_sets':
      return ['-n', 'kube-system', 'get', 'ds', '-o', 'name'];
    case 'system_pods':
      return ['-n', 'kube-system', 'get', 'pods', '-o', 'name'];
    case 'deployment_wide':
      return ['-n', probe.namespace, 'get', 'deploy', probe.name, '-o', 'wide'];
    case 'deployment':
      return ['-n', probe.namespace, 'get', 'deploy', probe.name, '-o', 'json'];
    case 'pods_wide':
      return ['-n', probe.namespace, 'get', 'pods', '-o', 'wide'];
    case 'can_i_get':
      return ['auth', 'can-i', 'get', probe.resource, '-n', probe.namespace];
  }
};
