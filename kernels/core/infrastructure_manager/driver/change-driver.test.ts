import {
  infrastructureApi,
  type AgentTask,
  type DraftPlan,
  type Plan,
  type TaskResult,
} from '@holdfast/contracts';
import { owner } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  pipInventory,
  testMetrics,
  type ScriptedAgent,
} from '../test-support/scripted-agent.ts';

const VENV = '/srv/venv';
const SITE = '/srv/site';
type Resolved = NonNullable<TaskResult['resolve']>['operations'];

let kernel: ServedKernel;
let agent: ScriptedAgent;
let host = '';
let pip: Record<string, string> = {};
let npm: Record<string, string> = {};
let resolved: Resolved | Error = [];
let asked: Extract<AgentTask, { type: 'resolve' }>[] = [];
let pipCoverage: 'complete' | 'failed' = 'complete';

const answer = (task: AgentTask) => {
  switch (task.type) {
    case 'probe_environment':
      return {
        probe: {
          path: task.path,
          isolated: true,
          managers: [task.path.startsWith(SITE) ? ('npm' as const) : ('pip' as const)],
          detail: 'known',
        },
      };
    case 'scan':
      return {
        inventories: task.environments.map(({ path, managers }) => ({
          ...pipInventory(path, managers.includes('npm') ? npm : pip, {
            status: pipCoverage,
            scanned: [path],
          }),
          manager: managers[0]!,
        })),
      };
    case 'resolve':
      asked.push(task);
      return resolved instanceof Error
        ? { error: { code: 'plan_failed', detail: resolved.message } }
        : { resolve: { operations: resolved } };
    case 'verify_step':
      return {
        step: { status: task.step_key.includes('bad') ? 'failed' : 'succeeded', detail: 'tried' },
      } as const;
    case 'apply_step':
      return undefined;
  }
};

beforeEach(async () => {
  kernel = await serveKernel();
  const key = createAgentKey();
  host = await enrolTestHost(kernel, key);
  pip = { six: '1.15.0', idna: '3.4' };
  npm = { 'left-pad': '1.2.0' };
  resolved = [];
  asked = [];
  pipCoverage = 'complete';
  agent = await connectScriptedAgent({ kernel, host, key, answer });
});
afterEach(async () => {
  await agent.close();
  await kernel.close();
});

const setBaseline = (files: Record<string, string>, environments = [VENV]) =>
  kernel.api.setBaseline({ id: host, files, environments });
const repair = () =>
  kernel.driver.planChange({
    change: 'chg_1',
    kind: 'packages.repair',
    target: { host: 'local' },
    intent: {},
  });
const update = (intent: Record<string, unknown>) =>
  kernel.driver.planChange({
    change: 'chg_1',
    kind: 'packages.update',
    target: { host },
    intent,
  });
const planOf = (draft: DraftPlan): Plan => ({
  ...draft,
  change: 'chg_1',
  kind: 'packages.repair',
  owner: 'infrastructure_manager',
  created_at: '2026-01-01T00:00:00Z',
  hash: 'hash',
});
const refusal = (work: Promise<unknown>) => work.catch((error: unknown) => error);

const REQUIREMENTS = '--no-index\nsix==1.16.0\nidna>=3\nwin==1; sys_platform == "win32"\n';
const SIX_UP = [{ package: 'six', from: '1.15.0', to: '1.16.0', requested: true }];

test('a repair says who declared what it restores, and with which token', async () => {
  const files = { 'requirements.txt': REQUIREMENTS };
  const people = kernel.world.client(infrastructureApi, { ...owner, id: 'ann', token: 'tok_1' });
  await people.setBaseline({ id: host, files, environments: [VENV] });
  resolved = SIX_UP;
  const [step] = (await repair()).steps;
  expect(step?.effect).toMatchObject({ declared_by: 'ann', declared_with: 'tok_1' });
});

test('a repair asks the resolver for everything that is declared and applies, with the options of the manifest', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  resolved = SIX_UP;
  const draft = await repair();
  expect(asked).toMatchObject([
    {
      manager: 'pip',
      environment: VENV,
      requirements: ['six==1.16.0', 'idna>=3'],
      options: ['--no-index'],
    },
  ]);
  expect(draft.target).toEqual({ host });
  expect(draft.steps).toEqual([
    {
      key: '1.pip.six',
      summary: 'pip install six==1.16.0 (now 1.15.0)',
      do: {
        driver: 'pip',
        action: 'packages.apply',
        params: {
          environment: VENV,
          operations: [{ package: 'six', from: '1.15.0', to: '1.16.0' }],
          options: ['--no-index'],
        },
      },
      inverse: {
        driver: 'pip',
        action: 'packages.apply',
        params: {
          environment: VENV,
          operations: [{ package: 'six', from: '1.16.0', to: '1.15.0' }],
          options: ['--no-index'],
        },
      },
      inverse_summary: 'pip install six==1.15.0 (now 1.16.0)',
      effect: {
        toward_baseline: true,
        declared_by: 'owner',
        movement: 'upgrade',
        major: false,
        targets: 1,
      },
    },
  ]);
});

test('what the resolver pulls in is a step of its own; what it would take away is not called a repair', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  resolved = [
    ...SIX_UP,
    { package: 'helper', from: null, to: '2.0', requested: false },
    { package: 'leftover', from: '1.0', to: null, requested: false },
    { package: 'idna', from: '3.4', to: '2.0', requested: false },
  ];
  const effects = (await repair()).steps.map(({ key, effect }) => [
    key,
    effect.movement,
    effect.toward_baseline,
  ]);
  expect(effects).toEqual([
    ['1.pip.six', 'upgrade', true],
    ['2.pip.helper', 'install', true],
    ['3.pip.leftover', 'remove', false],
    ['4.pip.idna', 'downgrade', false],
  ]);
});

test('npm gets one step for all packages of a project', async () => {
  await setBaseline({ 'package.json': '{"dependencies":{"left-pad":"1.3.0","x":"1"}}' }, [SITE]);
  resolved = [
    { package: 'left-pad', from: '1.2.0', to: '1.3.0', requested: true },
    { package: 'x', from: null, to: '1.0.0', requested: true },
  ];
  const draft = await repair();
  expect(asked).toMatchObject([{ requirements: ['left-pad@1.3.0', 'x@1'], options: [] }]);
  expect(draft.steps).toMatchObject([
    {
      key: '1.npm',
      summary: 'npm install left-pad@1.3.0 (now 1.2.0), x@1.0.0 (now not installed)',
      inverse_summary: 'npm install left-pad@1.2.0 (now 1.3.0); npm uninstall x (now 1.0.0)',
      effect: { toward_baseline: true, movement: 'upgrade', targets: 2 },
    },
  ]);
});

test('without drift there is nothing to do, without a baseline nothing to compare with', async () => {
  expect(await refusal(repair())).toMatchObject({ code: 'baseline_missing' });
  await setBaseline({ 'requirements.txt': 'six==1.15.0\n' });
  expect(await refusal(repair())).toMatchObject({ code: 'nothing_to_do' });
});

test('drift that is not known is never planned away', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  pipCoverage = 'failed';
  expect(await refusal(repair())).toMatchObject({
    code: 'plan_failed',
    message: expect.stringContaining(`pip in ${VENV} is failed`),
  });
});

test('a resolver that fails, or sees nothing to do, fails the plan with its words', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  expect(await refusal(repair())).toMatchObject({ code: 'plan_failed' });
  resolved = new Error('no matching distribution for six==1.16.0');
  expect(await refusal(repair())).toMatchObject({
    code: 'plan_failed',
    message: expect.stringContaining('no matching distribution for six==1.16.0'),
  });
});

test('an update off the baseline is not called a repair', async () => {
  await setBaseline({ 'requirements.txt': 'six==1.16.0\nidna==3.4\n' });
  resolved = [
    { package: 'six', from: '1.15.0', to: '2.0.0', requested: true },
    { package: 'idna', from: '3.3', to: '3.4', requested: false },
    { package: 'other', from: null, to: '1', requested: false },
  ];
  const draft = await update({ manager: 'pip', packages: ['Six==2.0.0'] });
  expect(asked[0]).toMatchObject({ environment: VENV, requirements: ['six==2.0.0'] });
  expect(draft.steps.map(({ effect }) => [effect.toward_baseline, effect.major])).toEqual([
    [false, true],
    [true, false],
    [false, false],
  ]);
});

test.each([
  ['an intent of another shape', { manager: 'apt', packages: ['x=1'] }, 'intent.manager'],
  ['a package without a version', { manager: 'pip', packages: ['six'] }, 'names no version'],
  ['a version that is a place', { manager: 'npm', packages: ['x@file:../x'] }, 'is not a version'],
  ['a name that is an option', { manager: 'pip', packages: ['--target==1'] }, 'leading dash'],
  ['an environment that is not bound', { manager: 'npm', packages: ['x@1.0.0'] }, 'name one'],
])('an update with %s is refused', async (_, intent, words) => {
  await setBaseline({ 'requirements.txt': 'six\n' });
  expect(await refusal(update(intent))).toMatchObject({
    code: 'plan_failed',
    message: expect.stringContaining(words),
  });
});

test('an update without an environment is refused when there are several, naming them', async () => {
  await setBaseline({ 'requirements.txt': 'six\n' }, [VENV, '/srv/other']);
  expect(await refusal(update({ manager: 'pip', packages: ['six==1.16.0'] }))).toMatchObject({
    code: 'plan_failed',
    message: expect.stringContaining(`${VENV}, /srv/other`),
  });
});

test('a plan is verified step by step against the world as it is now', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  resolved = [...SIX_UP, { package: 'bad', from: null, to: '1', requested: false }];
  const draft = await repair();
  const report = await kernel.driver.verifyPlan({ plan: planOf(draft) });
  expect(report).toMatchObject({
    plan_hash: 'hash',
    ok: false,
    world_revision: draft.base.revision,
    checks: [
      { step: '1.pip.six', ok: true },
      { step: '2.pip.bad', ok: false },
    ],
  });
  pip = { ...pip, six: '1.14.0' };
  const moved = await kernel.driver.verifyPlan({ plan: planOf(draft) });
  expect(moved.world_revision).not.toBe(draft.base.revision);
});

test('a new baseline moves the world of a plan, packages of other places do not', async () => {
  await setBaseline(
    { 'requirements.txt': REQUIREMENTS, 'package.json': '{"dependencies":{"left-pad":"1.2.0"}}' },
    [VENV, SITE],
  );
  resolved = SIX_UP;
  const draft = await repair();
  npm = { 'left-pad': '9.9.9' };
  const same = await kernel.driver.verifyPlan({ plan: planOf(draft) });
  expect(same.world_revision).toBe(draft.base.revision);
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  const moved = await kernel.driver.verifyPlan({ plan: planOf(draft) });
  expect(moved.world_revision).not.toBe(draft.base.revision);
});

test('what was done, and what was undone, is compared with what is there', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  resolved = SIX_UP;
  const plan = planOf(await repair());
  expect(await kernel.driver.observeChange({ plan, undone: false })).toMatchObject({
    status: 'different',
    differences: [`pip six in ${VENV}: expected 1.16.0, got 1.15.0`],
  });
  expect(await kernel.driver.observeChange({ plan, undone: true })).toMatchObject({
    status: 'as_planned',
  });
  pip = { idna: '3.4', Six: '1.16' };
  expect(await kernel.driver.observeChange({ plan, undone: false })).toMatchObject({
    status: 'as_planned',
    differences: [],
  });
  pip = { idna: '3.4' };
  expect(await kernel.driver.observeChange({ plan, undone: true })).toMatchObject({
    status: 'different',
    differences: [`pip six in ${VENV}: expected 1.15.0, got not installed`],
  });
  pipCoverage = 'failed';
  expect(await kernel.driver.observeChange({ plan, undone: false })).toMatchObject({
    status: 'unknown',
  });
});

test('a plan is watched by signals of its host, which are measured from what the agent reported last', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  resolved = SIX_UP;
  const plan = planOf(await repair());
  expect(plan.signals?.map(({ name }) => name)).toEqual(['host_healthy', 'memory_percent']);
  const before = await kernel.driver.sampleSignals({ plan });
  expect(before.values).toEqual({ host_healthy: null, memory_percent: null });
  agent.send({ type: 'heartbeat', seq: 0, metrics: testMetrics(33) });
  await kernel.world.waitForEvent(({ data }) => data['new_status'] === 'healthy');
  const { values } = await kernel.driver.sampleSignals({ plan });
  expect(values).toEqual({ host_healthy: 1, memory_percent: testMetrics(33).memory_percent });
});

test('steps that the workflow engine carries out itself are none of its business', async () => {
  await setBaseline({ 'requirements.txt': REQUIREMENTS });
  resolved = SIX_UP;
  const draft = await repair();
  const pause = { ...draft.steps[0]!, key: 'pause' };
  const timer = { ...pause, do: { driver: 'workflow', action: 'timer', params: { ms: 1 } } };
  const plan = planOf({ ...draft, steps: [timer, ...draft.steps] });
  const report = await kernel.driver.verifyPlan({ plan });
  expect(report).toMatchObject({ ok: true, world_revision: draft.base.revision });
  expect(report.checks.map(({ step }) => step)).toEqual(['1.pip.six']);
  pip = { ...pip, six: '1.16.0' };
  expect(await kernel.driver.observeChange({ plan, undone: false })).toMatchObject({
    status: 'as_planned',
  });
});

test('the operations of the change driver are not for people', async () => {
  await expect(
    kernel.api.planChange({ change: 'c', kind: 'packages.repair', target: { host }, intent: {} }),
  ).rejects.toMatchObject({ code: 'forbidden' });
});

test('a kind or a target of somebody else fails the plan', async () => {
  const request = { change: 'c', intent: {}, target: { host } };
  expect(
    await refusal(kernel.driver.planChange({ ...request, kind: 'units.deploy' })),
  ).toMatchObject({ code: 'plan_failed' });
  expect(
    await refusal(
      kernel.driver.planChange({ ...request, kind: 'packages.repair', target: { unit: 'x' } }),
    ),
  ).toMatchObject({ code: 'plan_failed' });
  expect(
    await refusal(
      kernel.driver.planChange({ ...request, kind: 'packages.repair', target: { host: 'ghost' } }),
    ),
  ).toMatchObject({ code: 'host_not_found' });
});
