import { makePlan } from '@holdfast/change';
import {
  isHoldfastError,
  kernelPrincipal,
  workflowApi,
  type DraftPlan,
  type Event,
  type Plan,
  type PlanStep,
  type Run,
} from '@holdfast/contracts';
import {
  createFakeOwner,
  createWorld,
  type FakeClock,
  type FakeOwner,
  type WorldOptions,
} from '@holdfast/testkit';
import { workflowEngine } from '../kernel.ts';
import {
  createGovernanceDouble,
  createLedgerDouble,
  createOwnerDouble,
  type GovernanceDouble,
} from './doubles.ts';

/** A step that the workflow engine carries out itself. */
export const workflowStep = (
  key: string,
  action: string,
  params: Record<string, unknown> = {},
): PlanStep => ({
  key,
  summary: `${action} ${key}`,
  do: { driver: 'workflow', action, params },
  inverse: { driver: 'workflow', action: 'none', params: {} },
  inverse_summary: 'nothing to undo',
  effect: { toward_baseline: true, movement: 'other', major: false, targets: 0 },
});

/** The step, of medium risk. */
export const offBaseline = (step: PlanStep): PlanStep => ({
  ...step,
  effect: { ...step.effect, toward_baseline: false },
});

/** A plan of what the fake owner sees now; `changes` replace parts of the draft. */
export const planFor = (
  fake: FakeOwner,
  id = 'chg_1',
  changes: (draft: DraftPlan) => Partial<DraftPlan> = () => ({}),
): Plan => {
  const planChange = fake.ops['planChange'] as (input: object) => DraftPlan;
  const draft = planChange({ kind: 'packages.repair', intent: {} });
  const meta = { change: id, kind: 'packages.repair', owner: 'infrastructure_manager' };
  const created_at = '2026-01-01T00:00:00.000Z';
  return makePlan({ ...draft, ...changes(draft) }, { ...meta, created_at });
};

/** The workflow engine alone, over a fake owner, a ledger, and a governance that can be away. */
export const createWorkflowWorld = async (
  options: Partial<WorldOptions> & {
    readonly fake?: FakeOwner;
    readonly governance?: GovernanceDouble;
  } = {},
) => {
  const { fake = createFakeOwner(), governance = createGovernanceDouble(), ...rest } = options;
  let events: () => readonly Event[] = () => [];
  const ledger = createLedgerDouble(() => events());
  const owner = createOwnerDouble(fake);
  const world = await createWorld({
    kernels: [workflowEngine],
    doubles: {
      governance: governance.ops,
      infrastructure_manager: owner.ops,
      immutable_log: ledger.ops,
    },
    ...rest,
  });
  events = () => world.events;
  const api = world.client(workflowApi, kernelPrincipal('governance'));

  /** Waits until something that governance saw passes. */
  const until = async (pass: () => boolean): Promise<void> => {
    while (!pass()) await new Promise<void>((resolve) => (governance.changed = resolve));
  };
  return {
    world,
    fake,
    owner,
    governance,
    ledger,
    api,
    until,
    /** Waits until a run, as it is written down, passes; governance may hear of it later. */
    async written(pass: (run: Run) => boolean, id = 'chg_1'): Promise<void> {
      while (!pass(await api.getRun({ id }))) await new Promise((resolve) => setImmediate(resolve));
    },
    plan: (id?: string, changes?: (draft: DraftPlan) => Partial<DraftPlan>): Plan =>
      planFor(fake, id, changes),
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

/** Lets the time of a fake clock pass until something happened. */
export const whileTimePasses = async <T>(clock: FakeClock, happening: Promise<T>): Promise<T> => {
  let over = false;
  const ended = happening.finally(() => (over = true));
  while (!over) await clock.advance(1_000);
  return ended;
};
