import type { Cluster, Outcome } from '../cluster.ts';
import { gpuFacts } from './gpu-facts.ts';
import type { GpuFacts } from './gpu-facts.ts';

export interface PreflightCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly rc: number;
  readonly stdout_snip: string;
  readonly stderr_snip: string;
}

/** The parts of the `preflight.v0` report that the cluster gives. */
export interface Preflight extends GpuFacts {
  readonly ok: boolean;
  readonly top_blocker: string | null;
  readonly k8s_context: string | null;
  readonly k8s_namespace: string;
  readonly k8s_deployment: string;
  readonly checks: readonly PreflightCheck[];
}

interface CheckSpec {
  readonly name: string;
  readonly lines: number;
  readonly chars: number;
  ask(cluster: Cluster, namespace: string, name: string): Promise<Outcome>;
}

const CHECKS: readonly CheckSpec[] = [
  { name: 'current_context', lines: 4, chars: 240, ask: (cluster) => cluster.currentContext() },
  {
    name: 'cluster_info',
    lines: 8,
    chars: 500,
    ask: (cluster) => cluster.probe({ ask: 'cluster_info' }),
  },
  { name: 'get_ns', lines: 12, chars: 500, ask: (cluster) => cluster.probe({ ask: 'namespaces' }) },
  {
    name: 'get_deployment_wide',
    lines: 8,
    chars: 500,
    ask: (cluster, namespace, name) => cluster.probe({ ask: 'deployment_wide', namespace, name }),
  },
  {
    name: 'get_pods_wide',
    lines: 8,
    chars: 500,
    ask: (cluster, namespace) => cluster.probe({ ask: 'pods_wide', namespace }),
  },
  {
    name: 'can_i_get_pods',
    lines: 4,
    chars: 120,
    ask: (cluster, namespace) => cluster.probe({ ask: 'can_i_get', resource: 'pods', namespace }),
  },
  {
    name: 'can_i_get_deployments_apps',
    lines: 4,
    chars: 120,
    ask: (cluster, namespace) =>
      cluster.probe({ ask: 'can_i_get', resource: 'deployments.apps', namespace }),
  },
];

const STDERR_LIMITS = { lines: 4, chars: 240 };
const CUT = '...(truncated)';

const snip = (text: string, { lines, chars }: { lines: number; chars: number }): string => {
  const trimmed = text.trim();
  const kept = trimmed.split('\n').slice(0, lines).join('\n').slice(0, chars);
  return kept.length < trimmed.length ? kept + CUT : kept;
};

/** Seven questions to a cluster, and what it says about GPUs. Reads only. `ok` when all seven went well. */
export const preflight = async (
  cluster: Cluster,
  namespace: string,
  deployment: string,
): Promise<Preflight> => {
  const present = await cluster.present();
  const probe = (ask: 'nodes' | 'system_daemon_sets' | 'system_pods'): Promise<Outcome> =>
    cluster.probe({ ask });
  const [outcomes, nodes, daemonSets, systemPods, object] = await Promise.all([
    Promise.all(CHECKS.map((check) => check.ask(cluster, namespace, deployment))),
    probe('nodes'),
    probe('system_daemon_sets'),
    probe('system_pods'),
    cluster.probe({ ask: 'deployment', namespace, name: deployment }),
  ]);
  const checks = CHECKS.map((check, index): PreflightCheck => {
    const { ok, rc, stdout, stderr } = outcomes[index] as Outcome;
    return {
      name: check.name,
      ok,
      rc,
      stdout_snip: snip(stdout, check),
      stderr_snip: snip(stderr, STDERR_LIMITS),
    };
  });
  const failed = checks.find(({ ok }) => !ok);
  const context = outcomes[0]?.ok ? outcomes[0].stdout.trim().split('\n')[0]?.trim() : undefined;
  return {
    ok: failed === undefined,
    top_blocker: !present
      ? 'kubectl_not_found'
      : failed === undefined
        ? null
        : `${failed.name} failed`,
    k8s_context: context || null,
    k8s_namespace: namespace,
    k8s_deployment: deployment,
    ...gpuFacts({ nodes, daemonSets, systemPods, deployment: object }),
    checks,
  };
};
