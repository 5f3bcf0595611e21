import { makePlan } from '@holdfast/change';
import {
  HoldfastError,
  isHoldfastError,
  kernelPrincipal,
  policyApi,
  type Host,
  type Plan,
  type PolicyFile,
  type PolicyRequest,
  type Principal,
} from '@holdfast/contracts';
import type { Store } from '@holdfast/store';
import { createWorld, owner, testProfile, type WorldOptions } from '@holdfast/testkit';
import { definePolicyEngine, policyEngine } from '../kernel.ts';

export const governor = kernelPrincipal('governance');
const workflow = kernelPrincipal('workflow_engine');

type ProfileName = 'user' | 'pro' | 'enterprise-vip';

export interface PolicyWorldOptions extends Partial<WorldOptions> {
  readonly profileName?: ProfileName;
  /** Other shipped defaults than those of the product. */
  readonly shipped?: readonly PolicyFile[];
}

/** The policy engine alone, beside a governance that knows the changes and a fabric that knows the hosts given here. */
export const createPolicyWorld = async (options: PolicyWorldOptions = {}) => {
  const { profileName = 'user', shipped, ...rest } = options;
  const engine = shipped ? definePolicyEngine(async () => [...shipped]) : policyEngine;
  let store: Store | undefined;
  const hosts: Host[] = [];
  let looks = 0;
  const changes = new Map<string, object>();
  const world = await createWorld({
    kernels: [
      {
        ...engine,
        init(context: Parameters<typeof engine.init>[0]) {
          store = context.store;
          return engine.init(context);
        },
      },
    ],
    profile: testProfile({ name: profileName }),
    doubles: {
      infrastructure_manager: {
        listHosts: () => {
          looks += 1;
          return { items: hosts, total: hosts.length, next_cursor: null };
        },
        getHost: ({ id }: { id: string }) => {
          const host = hosts.find((one) => one.id === id);
          if (!host) throw new HoldfastError('host_not_found', { id });
          return host;
        },
      },
      governance: {
        getChange: ({ id }: { id: string }) => {
          const change = changes.get(id);
          if (!change) throw new HoldfastError('change_not_found', { id });
          return change;
        },
      },
    },
    ...rest,
  });
  const as = (principal: Principal) => world.client(policyApi, principal);
  const api = as(owner);
  const internal = as(governor);
  const apply = (
    run: string,
    action: Plan['steps'][number]['do'],
    more: { fence?: number; step?: string } = {},
  ) =>
    as(workflow).applyStep({
      run,
      step: more.step ?? 'policies',
      target: { policy: 'set' },
      action,
      timeout_ms: 60_000,
      wait_ms: 25_000,
      fence: more.fence ?? 1,
    });
  const plan = async (change: string, intent: Record<string, unknown>): Promise<Plan> => {
    const draft = await internal.planChange({
      change,
      kind: 'policy',
      target: { policy: 'set' },
      intent,
    });
    const meta = {
      change,
      kind: 'policy',
      owner: 'policy_engine',
      created_at: draft.base.observed_at,
    };
    return makePlan(draft, meta);
  };
  return {
    world,
    /** What a damaged disk, or another version, could have left behind. */
    damage: (sql: string, ...params: string[]) => store!.write([{ sql, params }]),
    hosts,
    /** How often the hosts were asked for. */
    looks: () => looks,
    changes,
    as,
    api,
    internal,
    plan,
    apply,
    decide: (request: PolicyRequest, record = true) => internal.decidePolicies({ request, record }),
    /** Plans and applies, as governance and the workflow engine would once the gate allowed it. */
    async change(id: string, intent: Record<string, unknown>) {
      const made = await plan(id, intent);
      return apply(id, made.steps[0]!.do);
    },
    async putIntoForce(id: string, ...files: PolicyFile[]) {
      const { checksum } = await api.stagePolicies({ files });
      const made = await plan(id, { draft: checksum });
      return apply(id, made.steps[0]!.do);
    },
  };
};

export type PolicyWorld = Awaited<ReturnType<typeof createPolicyWorld>>;

export const file = (text: string, name = 'test.cedar'): PolicyFile => ({ name, text });

/** Lets an owner do anything: with it a set can always be changed again. */
export const OWNER_MAY = `@id("owner") permit (principal in Role::"owner", action, resource);`;

export const policyRequest = (more: Partial<PolicyRequest> = {}): PolicyRequest => ({
  change: 'chg_1',
  kind: 'packages.update',
  owner: 'infrastructure_manager',
  class: 'standard',
  target: { host: 'box_linux' },
  risk: 'medium',
  undo: false,
  automatic: false,
  steps: [
    {
      driver: 'pip',
      action: 'packages.apply',
      movement: 'upgrade',
      major: false,
      toward_baseline: false,
    },
  ],
  author: { id: 'ann', kind: 'human', role: 'operator' },
  host: null,
  at: '2026-03-02T09:30:00.000Z',
  ...more,
});

export const policyHost = (more: Partial<Host> = {}): Host => ({
  id: 'box_linux',
  hostname: 'box',
  aliases: ['local'],
  os_type: 'linux',
  os_version: '12',
  architecture: 'x64',
  ip_address: null,
  status: 'healthy',
  status_reason: '',
  agent: { enrolled: true, connected: true, version: '1' },
  facts: null,
  metrics: {
    time: '2026-03-02T09:30:00.000Z',
    cpu_percent: 10,
    memory_percent: 10,
    disk_percent: 10,
    load_average: [0, 0, 0],
  },
  capabilities: ['compute', 'storage', 'network'].map((name) => ({
    name,
    available: true,
    metadata: {},
  })),
  dependency_status: 'in_sync',
  registered_at: '2026-03-02T09:00:00.000Z',
  last_seen: null,
  ...more,
});

/** The code with which a call is refused. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    if (isHoldfastError(error)) return error.code;
    throw error;
  }
  return 'not refused';
};
