import { createApiCluster } from './api/api-cluster.ts';
import { findKubeConfig } from './api/find-kube-config.ts';
import type { Cluster } from './cluster.ts';
import { createKubectlCluster } from './kubectl/kubectl-cluster.ts';

export interface OpenClusterOptions {
  /** How long one call may take; 20 s. */
  readonly timeoutMs?: number;
  /** Ends every call that runs: a watch that is told to stop does not wait for the cluster. */
  readonly signal?: AbortSignal;
  /** What the API adapter names as the version of its client. */
  readonly version?: string;
}

/**
 * The cluster that an environment points at. KUBECTL set and not empty: that kubectl. Else the API, where there is a
 * kubeconfig (KUBECONFIG, `~/.kube/config`) or a service account. Else the kubectl on PATH, which may not be there:
 * `present()` is then false. Nothing is called or read in yet. Programs are started with the whole of `env`.
 */
export const openCluster = (
  env: Readonly<Record<string, string | undefined>>,
  options: OpenClusterOptions = {},
): Cluster => {
  const { timeoutMs, signal, version } = options;
  if (env.KUBECTL) return createKubectlCluster({ command: env.KUBECTL, env, timeoutMs, signal });
  const source = findKubeConfig(env);
  if (source !== undefined) return createApiCluster({ source, timeoutMs, signal, version });
  return createKubectlCluster({ command: 'kubectl', env, timeoutMs, signal });
};
