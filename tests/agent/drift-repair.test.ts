import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES, type Plan } from '@holdfast/contracts';
import { createFakeDriver, createFakeWorld, type FakeWorld } from '@holdfast/drivers';
import { createLogger, systemClock } from '@holdfast/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { until } from '../../apps/agent/test-support/until.ts';
import { startAgent, type Agent } from '../../apps/agent/src/agent.ts';
import { readBasicFacts } from '../../apps/agent/src/facts/basic-facts.ts';

const VENV = '/srv/venv';
let stack: TestStack;
let home: string;
let fake: FakeWorld;
let agents: Agent[] = [];

beforeEach(async () => {
  stack = await startTestStack();
  home = mkdtempSync(join(tmpdir(), 'holdfast-agent-'));
  fake = createFakeWorld({
    environments: { system: {}, [VENV]: { six: '1.15.0', idna: '3.4' } },
    catalogue: { six: ['1.15.0', '1.16.0'], idna: ['3.4', '3.7'] },
  });
});

afterEach(async () => {
  for (const agent of agents) await agent.stop();
  agents = [];
  await stack.close();
  rmSync(home, { recursive: true, force: true });
});

const start = async (token?: string): Promise<Agent> => {
  const agent = await startAgent({
    home,
    url: stack.url,
    enrolmentToken: token,
    drivers: [createFakeDriver({ world: fake }), createFakeDriver({ world: fake, id: 'npm' })],
    clock: systemClock,
    log: createLogger('agent', 'fatal'),
    readFacts: readBasicFacts,
  });
  agents.push(agent);
  return agent;
};

const online = () =>
  until(async () => {
    const host = (await stack.api.listHosts({})).items[0];
    return host?.agent.connected && host.status === 'healthy' ? host : undefined;
  });

test('an enrolled agent connects, and drift on its host is found, planned, repaired and seen to be gone', async () => {
  await start(await stack.enrolmentToken());
  const host = await online();
  expect(host.aliases).toEqual(['local']);
  expect(host.metrics?.memory_percent).toBeGreaterThan(0);

  const baseline = await stack.api.setBaseline({
    id: 'local',
    files: { 'requirements.txt': 'six==1.16.0\nidna==3.4\n' },
    environments: [VENV],
  });
  expect(baseline.revision).toBe(1);
  const drift = await stack.api.getDrift({ id: 'local' });
  expect(drift.entries).toEqual([
    {
      manager: 'pip',
      environment: VENV,
      package: 'six',
      expected: '==1.16.0',
      actual: '1.15.0',
    },
  ]);
  const told = await stack.world.waitForEvent(({ type }) => type === EVENT_TYPES.dependencyDrift);
  expect(told.data).toMatchObject({ host_id: host.id, entries: drift.entries });

  const target = { host: host.id };
  const draft = await stack.driver.planChange({
    change: 'chg_1',
    kind: 'packages.repair',
    target,
    intent: {},
  });
  expect(draft.steps).toHaveLength(1);
  const [step] = draft.steps;
  expect(step).toMatchObject({
    summary: 'pip install six==1.16.0 (now 1.15.0)',
    inverse_summary: 'pip install six==1.15.0 (now 1.16.0)',
    effect: { toward_baseline: true, movement: 'upgrade', major: false, targets: 1 },
  });
  const plan: Plan = {
    ...draft,
    change: 'chg_1',
    kind: 'packages.repair',
    owner: 'infrastructure_manager',
    created_at: new Date().toISOString(),
    hash: 'h',
  };
  const report = await stack.driver.verifyPlan({ plan });
  expect(report).toMatchObject({ ok: true, world_revision: draft.base.revision });

  const order = {
    run: 'run_1',
    step: step!.key,
    target,
    action: step!.do,
    timeout_ms: 10_000,
    wait_ms: 5_000,
    fence: 1,
  };
  const applied = await stack.driver.applyStep(order);
  expect(applied).toMatchObject({ status: 'succeeded' });
  expect(await stack.driver.applyStep(order)).toEqual(applied);

  const seen = await stack.driver.observeChange({ plan, undone: false });
  expect(seen).toMatchObject({ status: 'as_planned', differences: [] });
  expect(await stack.api.getDrift({ id: 'local' })).toMatchObject({ status: 'in_sync' });
  await stack.world.waitForEvent(({ type }) => type === EVENT_TYPES.dependencyInSync);
  expect(stack.events(EVENT_TYPES.dependencyDrift)).toHaveLength(1);
});
