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

/** What a user can do about a kernel that has no cluster: its environment is not that of the user's shell. */
export const whyNoCluster = ({ kubeconfig }: Pick<ModeKeeperConfig, 'kubeconfig'>): string =>
  kubeconfig === null
    ? 'there is no kubeconfig: set mode_keeper.kubeconfig in the profile to the path of one, or start the stack with ' +
      'KUBECONFIG set and HOLDFAST_PASS_ENV=KUBECONFIG'
    : `there is no kubeconfig: mode_keeper.kubeconfig of the profile names ${kubeconfig}, which is not there`;

/** There is nothing to call: reading says so, and what has not been read is not asked about further. */
const nowhere = (config: ModeKeeperConfig): Cluster => ({
  ...openCluster({ PATH: '' }),
  workload: async () => ({
    ok: false,
    rc: 127,
    stdout: '',
    stderr: whyNoCluster(config),
    reason: 'NotConfigured',
  }),
});

export const createClusters = ({ config, clock, signal }: ModeKeeperContext): Clusters => {
  const opened = new Map<string | null, { readonly cluster: Cluster; readonly at: number }>();
  const isFresh = (at: number): boolean => Math.abs(clock.now() - at) < KEPT_MS;
  const open = (context: string | null): Cluster => {
    if (!isConfigured(config)) return nowhere(config);
    const current = openCluster(environmentOf(config), { signal, version: VERSION });
    return context === null ? current : current.inContext(context);
  };
  return (context) => {
    const known = opened.get(context);
    if (known && isFresh(known.at)) return known.cluster;
    // What nobody asks for any more does not stay.
    for (const [name, { at }] of opened) if (!isFresh(at)) opened.delete(name);
    const cluster = open(context);
    opened.set(context, { cluster, at: clock.now() });
    return cluster;
  };
};
