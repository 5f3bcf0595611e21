import { createHash } from 'node:crypto';
import {
  HoldfastError,
  type DraftPlan,
  type Host,
  type Observation,
  type Plan,
  type PlanStep,
  type SignalSample,
  type StepResult,
  type VerifyReport,
} from '@holdfast/contracts';

type Installed = Record<string, string>;

/** What a fake owner can be told to get wrong. All off by default; change them at any time. */
export interface FakeOwnerKnobs {
  /** Every call is refused with agent_offline. */
  offline: boolean;
  /** Planning is refused with this. */
  planError: HoldfastError | undefined;
  /** The dry run says no. */
  verifyFails: boolean;
  /** So many times the world moves right after a plan was made. */
  movesAfterPlan: number;
  /** Steps, by `package@version` that they lead to, that fail: before they change anything, or after. */
  fails: Record<string, 'before' | 'after'>;
  /** Steps, by `package@version`, that never end. */
  hangs: Set<string>;
  /** What is seen after a change that is no undo, whatever is there. */
  sees: 'different' | 'unknown' | undefined;
  /** What is measured, by the name of the signal; what is not here cannot be measured. */
  signals: Record<string, number>;
  /** Steps have no inverse. */
  noInverse: boolean;
  /** Called before a step is carried out. */
  onApply: ((run: string, step: string) => void | Promise<void>) | undefined;
}

/**
 * A kernel that owns packages on one host (`box_linux`, alias `local`), in memory: the double of the infrastructure
 * kernel in tests of those that plan and apply changes. Steps are idempotent by run and step, as the contract says;
 * `applied` lists what was really carried out, `asked` every call.
 */
export interface FakeOwner {
  readonly host: string;
  installed: Installed;
  declared: Installed;
  readonly knobs: FakeOwnerKnobs;
  readonly applied: string[];
  readonly asked: string[];
  /** Operations by name, for `doubles` of a world. */
  readonly ops: Readonly<Record<string, (input: never) => unknown>>;
}

const HOST = 'box_linux';

const host: Host = {
  id: HOST,
  hostname: 'box',
  aliases: ['local'],
  os_type: 'linux',
  os_version: '12',
  architecture: 'x64',
  ip_address: null,
  status: 'healthy',
  status_reason: '',
  capabilities: [],
  dependency_status: 'unknown',
  facts: null,
  metrics: null,
  agent: { enrolled: true, connected: true, version: null },
  last_seen: null,
  registered_at: '2026-01-01T00:00:00.000Z',
};

const operation = (name: string, from: string | null, to: string | null): PlanStep['do'] => ({
  driver: 'pip',
  action: 'packages.apply',
  params: { environment: '/srv/venv', operations: [{ package: name, from, to }], options: [] },
});

const operationOf = (action: PlanStep['do']) =>
  (
    action.params['operations'] as { package: string; from: string | null; to: string | null }[]
  )[0]!;

const goalOf = (action: PlanStep['do']): string => {
  const { package: name, to } = operationOf(action);
  return `${name}@${to}`;
};

const stepFor = (name: string, from: string | null, to: string, toward: boolean): PlanStep => {
  const isDown = from !== null && from > to;
  const movement = from === null ? 'install' : isDown ? 'downgrade' : 'upgrade';
  return {
    key: `pip-${name}`,
    summary: `put ${name} at ${to}`,
    do: operation(name, from, to),
    inverse: operation(name, to, from),
    inverse_summary: `put ${name} back to ${from ?? 'not installed'}`,
    effect: {
      toward_baseline: toward,
      movement,
      major: from !== null && from.split('.')[0] !== to.split('.')[0],
      targets: 1,
    },
  };
};

const freshKnobs = (): FakeOwnerKnobs => ({
  offline: false,
  planError: undefined,
  verifyFails: false,
  movesAfterPlan: 0,
  fails: {},
  hangs: new Set(),
  sees: undefined,
  signals: {},
  noInverse: false,
  onApply: undefined,
});

/** An owner with `requests` and `flask` declared and drifted, unless told otherwise. */
export const createFakeOwner = (
  given: { installed?: Installed; declared?: Installed } = {},
): FakeOwner => {
  let moves = 0;
  const results = new Map<string, Promise<StepResult>>();
  const fake: FakeOwner = {
    host: HOST,
    installed: given.installed ?? { flask: '3.0.0', requests: '2.30.0' },
    declared: given.declared ?? { flask: '3.1.0', requests: '2.31.0' },
    knobs: freshKnobs(),
    applied: [],
    asked: [],
    ops: {},
  };
  const { knobs } = fake;

  const now = (): string => new Date().toISOString();
  /** Names the state of just the packages that these steps are about. */
  const revisionOf = (steps: readonly PlanStep[]): string => {
    const names = steps.map((step) => operationOf(step.do).package).toSorted();
    const state = names.map((name) => [name, fake.installed[name] ?? null]);
    return createHash('sha256')
      .update(JSON.stringify([moves, state]))
      .digest('hex');
  };
  const reach = (what: string): void => {
    fake.asked.push(what);
    if (knobs.offline) throw new HoldfastError('agent_offline', { id: HOST });
  };

  const wanted = (kind: string, intent: Record<string, unknown>): Installed =>
    kind === 'packages.update'
      ? Object.fromEntries((intent['packages'] as string[]).map((one) => one.split('==')))
      : fake.declared;

  const planChange = (input: { kind: string; intent: Record<string, unknown> }): DraftPlan => {
    reach('plan');
    if (knobs.planError) throw knobs.planError;
    const steps = Object.entries(wanted(input.kind, input.intent))
      .filter(([name, to]) => fake.installed[name] !== to)
      .map(([name, to]) =>
        stepFor(name, fake.installed[name] ?? null, to, fake.declared[name] === to),
      )
      .map((step) => (knobs.noInverse ? { ...step, inverse: null } : step));
    if (steps.length === 0) throw new HoldfastError('nothing_to_do', { host: HOST });
    const base = { revision: revisionOf(steps), observed_at: now() };
    if (knobs.movesAfterPlan > 0) {
      knobs.movesAfterPlan -= 1;
      moves += 1;
    }
    return { target: { host: HOST }, base, steps, timeout_ms: 60_000 };
  };

  const verifyPlan = ({ plan }: { plan: Plan }): VerifyReport => {
    reach('verify');
    const ok = !knobs.verifyFails;
    const detail = ok ? 'would work' : 'no matching distribution';
    return {
      plan_hash: plan.hash,
      ok,
      world_revision: revisionOf(plan.steps),
      checks: plan.steps.map(({ key }) => ({ step: key, ok, detail })),
      verified_at: now(),
    };
  };

  const carryOut = async (
    run: string,
    step: string,
    action: PlanStep['do'],
  ): Promise<StepResult> => {
    const { package: name, to } = operationOf(action);
    const failure = knobs.fails[goalOf(action)];
    if (failure === 'before') return { status: 'failed', detail: 'pip said no' };
    await knobs.onApply?.(run, step);
    fake.applied.push(`${run}/${step}`);
    const { [name]: _was, ...others } = fake.installed;
    fake.installed = to === null ? others : { ...others, [name]: to };
    if (failure === 'after') return { status: 'failed', detail: 'pip broke' };
    return { status: 'succeeded', detail: `${name} is ${to ?? 'gone'}` };
  };

  const applyStep = async (input: { run: string; step: string; action: PlanStep['do'] }) => {
    reach('apply');
    const id = `${input.run}/${input.step}`;
    if (knobs.hangs.has(goalOf(input.action))) return { status: 'running', detail: 'still at it' };
    const result = results.get(id) ?? carryOut(input.run, input.step, input.action);
    results.set(id, result);
    return result;
  };

  const observeChange = ({ plan, undone }: { plan: Plan; undone: boolean }): Observation => {
    reach('observe');
    const differences = plan.steps
      .map((step) => operationOf(step.do))
      .filter((one) => (fake.installed[one.package] ?? null) !== (undone ? one.from : one.to))
      .map((one) => `${one.package} is ${fake.installed[one.package] ?? 'not installed'}`);
    const seen = differences.length === 0 ? 'as_planned' : 'different';
    const status = undone || plan.kind === 'revert' ? seen : (knobs.sees ?? seen);
    const world_revision = revisionOf(plan.steps);
    return { status, world_revision, detail: '', differences, observed_at: now() };
  };

  const getHost = ({ id }: { id: string }): Host => {
    if (id !== HOST && id !== 'local') throw new HoldfastError('host_not_found', { id });
    return host;
  };

  const sampleSignals = ({ plan }: { plan: Plan }): SignalSample => {
    reach('signals');
    const values = (plan.signals ?? []).map(({ name }) => [name, fake.knobs.signals[name] ?? null]);
    return { at: now(), values: Object.fromEntries(values) as SignalSample['values'] };
  };

  return Object.assign(fake, {
    ops: { getHost, planChange, verifyPlan, applyStep, sampleSignals, observeChange },
  });
};
