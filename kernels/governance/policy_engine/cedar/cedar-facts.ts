import type { CedarValueJson } from '@cedar-policy/cedar-wasm/nodejs';
import { RISKS, targetKey, type PolicyRequest, type Role, ROLES } from '@holdfast/contracts';
import { groupsOf, REPORT_ACTION } from './schema.ts';

type Attributes = Readonly<Record<string, CedarValueJson>>;

/** An entity of a question: its id, everything that it is in (itself too, as `Type::id`), and what is known of it. */
export interface CedarEntity {
  readonly type: string;
  readonly id: string;
  readonly within: readonly { readonly type: string; readonly id: string }[];
  readonly attrs: Attributes;
}

/** One question to a set of policies. */
export interface CedarFacts {
  readonly principal: CedarEntity;
  readonly action: CedarEntity;
  readonly resource: CedarEntity;
  readonly context: Attributes;
}

export type PolicyHost = NonNullable<PolicyRequest['host']>;

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const unique = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted();

/**
 * Percentages become whole numbers, upwards: for a whole limit, `x > limit` says the same about both. What nobody
 * measured is absent.
 */
const loadOf = (host: PolicyHost | null): Record<string, number> => {
  const load: Record<string, number> = {};
  for (const name of ['cpu_percent', 'memory_percent'] as const) {
    const measured = host?.[name] ?? null;
    if (measured !== null) load[name] = Math.ceil(measured);
  }
  return load;
};

/** An admin is in `operator` and `viewer` too; `agent` and `kernel` stand apart. */
const rolesOf = (role: string): string[] => {
  const at = ROLES.indexOf(role as Role);
  return at < 0 ? [role] : ROLES.slice(0, at + 1);
};

const entity = (
  type: string,
  id: string,
  within: readonly (readonly [string, string])[],
  attrs: Attributes,
): CedarEntity => ({
  type,
  id,
  within: within.map(([parent, name]) => ({ type: parent, id: name })),
  attrs,
});

const changeEntity = (request: PolicyRequest): CedarEntity => {
  const { change, host, steps, kind, owner, risk, undo, automatic } = request;
  const target = targetKey(request.target);
  const hostParents = host
    ? ([
        ['Host', host.id],
        ['Os', host.os_type],
      ] as const)
    : [];
  return entity('Change', change, [['Target', target], ...hostParents], {
    id: change,
    kind,
    owner,
    class: request.class,
    target,
    risk,
    risk_level: RISKS.indexOf(risk),
    undo,
    automatic,
    toward_baseline: steps.length > 0 && steps.every((step) => step.toward_baseline),
    major: steps.some((step) => step.major),
    steps: steps.length,
    movements: unique(steps.map((step) => step.movement)),
    drivers: unique(steps.map((step) => step.driver)),
    actions: unique(steps.map((step) => step.action)),
    has_host: host !== null,
    os: host?.os_type ?? '',
    capabilities: host ? unique(host.capabilities) : [],
  });
};

/** A question about a change. `violations`: ids of the limits that its host exceeds. */
export const changeFacts = (request: PolicyRequest, violations: readonly string[]): CedarFacts => {
  const { author, kind, host } = request;
  const at = new Date(request.at);
  const roles = rolesOf(author.role).map((role) => ['Role', role] as const);
  const groups = groupsOf(kind).map((group) => ['Action', group] as const);
  return {
    principal: entity('Author', author.id, roles, { ...author }),
    action: entity('Action', kind, groups, {}),
    resource: changeEntity(request),
    context: {
      time: { __extn: { fn: 'datetime', arg: at.toISOString() } },
      hour: at.getUTCHours(),
      minute: at.getUTCMinutes(),
      weekday: WEEKDAYS[at.getUTCDay()]!,
      host_violations: [...violations],
      ...loadOf(host),
    },
  };
};

/** A question about what a host reported. */
export const hostFacts = (host: PolicyHost): CedarFacts => ({
  principal: entity('Reporter', 'agent', [], {}),
  action: entity('Action', REPORT_ACTION, [], {}),
  resource: entity('Host', host.id, [['Os', host.os_type]], {
    id: host.id,
    os: host.os_type,
    capabilities: unique(host.capabilities),
    ...loadOf(host),
  }),
  context: {},
});
