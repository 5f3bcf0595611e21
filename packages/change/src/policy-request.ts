import type { Change, Host, Plan, PolicyRequest, Risk } from '@holdfast/contracts';

/** A change that was planned: before that there is nothing to judge. */
export interface PlannedChange extends Pick<Change, 'id' | 'kind' | 'target' | 'reverts'> {
  readonly plan: Plan;
  readonly risk: Risk;
}

export const isPlanned = <C extends Pick<Change, 'plan' | 'risk'>>(
  change: C,
): change is C & { readonly plan: Plan; readonly risk: Risk } =>
  change.plan !== null && change.risk !== null;

/**
 * What a host can do, by name: what its agent said is available, and what its facts show (`compute`, `storage`,
 * `network`, `gpu`). A host whose agent never reported has what it was registered with, and nothing else.
 */
export const capabilitiesOf = ({
  capabilities,
  facts,
  metrics,
}: Pick<Host, 'capabilities' | 'facts' | 'metrics'>): string[] => {
  const shown: readonly (readonly [string, boolean])[] = [
    ['compute', (facts?.cpus.count ?? 0) > 0],
    ['storage', (facts?.disks.length ?? 0) > 0 || (metrics?.disk_percent ?? 0) > 0],
    ['network', (facts?.network_interfaces.length ?? 0) > 0],
    ['gpu', (facts?.gpus.length ?? 0) > 0],
  ];
  const told = capabilities.filter(({ available }) => available).map(({ name }) => name);
  return [
    ...new Set([...told, ...shown.flatMap(([name, there]) => (there ? [name] : []))]),
  ].toSorted();
};

export const policyHostOf = (host: Host): NonNullable<PolicyRequest['host']> => ({
  id: host.id,
  os_type: host.os_type,
  cpu_percent: host.metrics?.cpu_percent ?? null,
  memory_percent: host.metrics?.memory_percent ?? null,
  capabilities: capabilitiesOf(host),
});

/** What decides beside the change itself. */
export interface PolicyCircumstances {
  readonly author: PolicyRequest['author'];
  /** The engine made the change: the undo that a failed change demanded. */
  readonly automatic: boolean;
  /** Null for a change that concerns none. */
  readonly host: Host | null;
  /** The time that policies see, RFC 3339 UTC. */
  readonly at: string;
}

/**
 * The question that policies answer about a planned change. Built in one place, so that who decides and who explains ask
 * the same.
 */
export const policyRequestOf = (
  change: PlannedChange,
  { author, automatic, host, at }: PolicyCircumstances,
): PolicyRequest => ({
  change: change.id,
  kind: change.kind,
  owner: change.plan.owner,
  class: change.plan.class ?? 'standard',
  target: change.target,
  risk: change.risk,
  undo: change.reverts !== null,
  automatic,
  steps: change.plan.steps.map(({ do: action, effect }) => ({
    driver: action.driver,
    action: action.action,
    movement: effect.movement,
    major: effect.major,
    toward_baseline: effect.toward_baseline,
  })),
  author: { id: author.id, kind: author.kind, role: author.role },
  host: host && policyHostOf(host),
  at,
});
