import { makePlan } from '@holdfast/change';
import {
  HoldfastError,
  isHoldfastError,
  kernelPrincipal,
  modeKeeperApi,
  type OpInput,
  type Plan,
  type StepAction,
} from '@holdfast/contracts';
import { createWorld, owner, testProfile, type World } from '@holdfast/testkit';
import { startFakeCluster, type FakeCluster } from './fake-cluster.ts';
import type { Clock } from '@holdfast/sdk';
import { modeKeeper } from '../kernel.ts';

export const ID = 'trainer';
type Spec = Omit<OpInput<(typeof modeKeeperApi)['ops']['registerWorkload']>, 'id'>;

/** Governance as this kernel sees it: changes are born, and end as a test says. */
export const createGovernanceDouble = () => {
  const changes = new Map<string, Record<string, unknown>>();
  const faults: { refuses: HoldfastError | undefined } = { refuses: undefined };
  return {
    changes,
    faults,
    proposed: (): Record<string, unknown>[] => [...changes.values()],
    ops: {
      proposeChange(input: object) {
        if (faults.refuses) throw faults.refuses;
        const id = `chg_${changes.size + 1}`;
        const at = new Date().toISOString();
        const change = {
          id,
          state: 'proposed',
          updated_at: at,
          finished_at: null,
          reverted_by: null,
          ...input,
        };
        changes.set(id, change);
        return change;
      },
      getChange({ id }: { id: string }) {
        const found = changes.get(id);
        if (!found) throw new HoldfastError('change_not_found', { id });
        return found;
      },
    },
  };
};

export const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'accepted',
    (error: unknown) => (isHoldfastError(error) ? error.code : error),
  );

/** The mode keeper alone, over a cluster behind HTTP and a double of governance. */
export const createTuningWorld = async (
  options: {
    readonly cluster?: FakeCluster;
    readonly knobs?: Readonly<Record<string, string>>;
    readonly home?: string;
    readonly clock?: Clock;
    readonly governance?: ReturnType<typeof createGovernanceDouble>;
    readonly settings?: Partial<ReturnType<typeof testProfile>['mode_keeper']>;
  } = {},
) => {
  const cluster =
    options.cluster ??
    (await startFakeCluster(options.knobs ?? { grad_accum_steps: '4', microbatch_size: '64' }));
  const governance = options.governance ?? createGovernanceDouble();
  const { home, clock, settings } = options;
  const world: World = await createWorld({
    kernels: [modeKeeper],
    doubles: { governance: governance.ops },
    profile: testProfile({ mode_keeper: { kubeconfig: cluster.kubeconfig, ...settings } }),
    ...(home === undefined ? {} : { home }),
    ...(clock === undefined ? {} : { clock }),
  });
  const api = world.client(modeKeeperApi, owner);
  const driver = world.client(modeKeeperApi, kernelPrincipal('workflow_engine'));
  return {
    world,
    cluster,
    governance,
    api,
    driver,
    register: (spec: Partial<Spec> = {}) =>
      api.registerWorkload({
        id: ID,
        ref: { name: 'trainer' },
        source: { pod_logs: {} },
        ...spec,
      }),
    async plan(
      intent: Record<string, unknown> = { knobs: { grad_accum_steps: 8, microbatch_size: 32 } },
      change = 'chg_a',
    ): Promise<Plan> {
      const kind = 'workload.tune';
      const draft = await driver.planChange({ change, kind, target: { workload: ID }, intent });
      const created_at = new Date().toISOString();
      return makePlan(draft, { change, kind, owner: 'mode_keeper', created_at });
    },
    apply: (
      action: StepAction,
      more: {
        run?: string;
        step?: string;
        fence?: number;
        wait_ms?: number;
        timeout_ms?: number;
      } = {},
    ) =>
      driver.applyStep({
        run: 'chg_a',
        step: 'knobs',
        target: { workload: ID },
        action,
        timeout_ms: 20_000,
        wait_ms: 10_000,
        fence: 1,
        ...more,
      }),
    async close(how: { keep?: boolean } = {}) {
      await world.close(how);
      if (how.keep !== true) await cluster.close();
    },
  };
};
export type TuningWorld = Awaited<ReturnType<typeof createTuningWorld>>;
