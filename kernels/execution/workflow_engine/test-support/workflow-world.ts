import { makePlan } from '@holdfast/change';
import {
  HoldfastError,
  isHoldfastError,
  kernelPrincipal,
  workflowApi,
  type DraftPlan,
  type Freeze,
  type Plan,
  type Run,
  type RunReport,
} from '@holdfast/contracts';
import { createFakeOwner, createWorld, type FakeOwner, type WorldOptions } from '@holdfast/testkit';
import { workflowEngine } from '../kernel.ts';

export interface GovernanceDouble {
  /** Nothing is answered while it is away. */
  away: boolean;
  freeze: Freeze;
  readonly reports: RunReport[];
  /** How often the kill switch was asked for. */
  asked: number;
}

export const OFF: Freeze = { on: false, source: 'none', reason: '', by: null, since: null };
export const ON: Freeze = { ...OFF, on: true, source: 'operator', by: 'ann' };

const createGovernanceDouble = (): GovernanceDouble => ({
  away: false,
  freeze: OFF,
  reports: [],
  asked: 0,
});

/** The workflow engine alone, over a fake owner and a governance that can be away. */
export const createWorkflowWorld = async (
  options: Partial<WorldOptions> & {
    readonly fake?: FakeOwner;
    readonly governance?: GovernanceDouble;
  } = {},
) => {
  const { fake = createFakeOwner(), governance = createGovernanceDouble(), ...rest } = options;
  const reach = (): void => {
    if (governance.away) throw new HoldfastError('kernel_unavailable', { kernel: 'governance' });
  };
  let changed = (): void => {};
  const double = {
    getFreeze(): Freeze {
      governance.asked += 1;
      changed();
      reach();
      return governance.freeze;
    },
    reportRun(report: RunReport): { seq: number } {
      reach();
      governance.reports.push(report);
      changed();
      return { seq: report.seq };
    },
  };
  const world = await createWorld({
    kernels: [workflowEngine],
    doubles: { governance: double, infrastructure_manager: fake.ops },
    ...rest,
  });
  const api = world.client(workflowApi, kernelPrincipal('governance'));

  /** Waits until something that governance saw passes. */
  const until = async (pass: () => boolean): Promise<void> => {
    while (!pass()) await new Promise<void>((resolve) => (changed = resolve));
  };
  return {
    world,
    fake,
    governance,
    api,
    until,
    plan(id = 'chg_1'): Plan {
      const planChange = fake.ops['planChange'] as (input: object) => DraftPlan;
      const draft = planChange({ kind: 'packages.repair', intent: {} });
      const meta = { change: id, kind: 'packages.repair', owner: 'infrastructure_manager' };
      return makePlan(draft, { ...meta, created_at: '2026-01-01T00:00:00.000Z' });
    },
    /** The run once governance knows its end. */
    async ended(id = 'chg_1'): Promise<Run> {
      await until(() =>
        governance.reports.some((one) => one.id === id && /done|failed/.test(one.state)),
      );
      return api.getRun({ id });
    },
  };
};

export type WorkflowWorld = Awaited<ReturnType<typeof createWorkflowWorld>>;

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
