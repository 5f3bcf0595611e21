import { VERSION } from '@holdfast/contracts';
import { findKubeConfig, openCluster, type Cluster } from '@holdfast/kube';
import type { ModeKeeperConfig, ModeKeeperContext } from '../config.ts';

/** The clusters that the contexts of the kubeconfig name; null is the current context. */
export type Clusters = (context: string | null) => Cluster;

/** After this the kubeconfig is read again: credentials rotate, contexts move. */
const KEPT_MS = 60_000;

/**
 * The environment of kubectl and of what a kubeconfig starts for credentials. What is the stack's own, its secrets above
 * all, stays here.
 */
const environmentOf = ({ kubeconfig, kubectl }: ModeKeeperConfig) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_')),
  ),
  ...(kubeconfig === null ? {} : { KUBECONFIG: kubeconfig }),
  KUBECTL: kubectl ?? undefined,
});

/**
 * Whether there is a cluster to go to. A kubectl that merely lies on the path is none: without a configuration it would
 * call whoever listens on this machine.
 */
export const isConfigured = (config: ModeKeeperConfig): boolean =>
  config.kubectl !== null || findKubeConfig(environmentOf(config)) !== undefined;

/** Every call to it fails: there is nothing to call. */
const NOWHERE = { PATH: '' };

export const createClusters = ({ config, clock, signal }: ModeKeeperContext): Clusters => {
  const opened = new Map<string | null, { readonly cluster: Cluster; readonly at: number }>();
  return (context) => {
    const known = opened.get(context);
    if (known && Math.abs(clock.now() - known.at) < KEPT_MS) return known.cluster;
    const env = isConfigured(config) ? environmentOf(config) : NOWHERE;
    const current = openCluster(env, { signal, version: VERSION });
    const cluster = context === null ? current : current.inContext(context);
    opened.set(context, { cluster, at: clock.now() });
    return cluster;
  };
};
