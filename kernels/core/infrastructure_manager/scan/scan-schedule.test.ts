import { createFakeClock, type FakeClock } from '@holdfast/testkit';
import { EVENT_TYPES, type AgentTask } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  pipInventory,
  testFacts,
  type ScriptedAgent,
} from '../test-support/scripted-agent.ts';

let kernel: ServedKernel;
let agent: ScriptedAgent;
let clock: FakeClock;
let host = '';
let scans: Extract<AgentTask, { type: 'scan' }>[] = [];
let wake = (): void => {};
let silent = false;

beforeEach(async () => {
  clock = createFakeClock();
  kernel = await serveKernel({ clock });
  scans = [];
  silent = false;
  const key = createAgentKey();
  host = await enrolTestHost(kernel, key);
  agent = await connectScriptedAgent({
    kernel,
    host,
    key,
    answer(task) {
      if (task.type === 'probe_environment')
        return { probe: { path: task.path, isolated: true, managers: ['pip'], detail: 'a venv' } };
      if (task.type !== 'scan') return undefined;
      scans.push(task);
      wake();
      if (silent) return undefined;
      const system = (task.managers ?? []).map((manager) => ({
        ...pipInventory('system', { base: String(scans.length) }),
        manager,
      }));
      const bound = task.environments.map(({ path }) => pipInventory(path, { six: '1.16.0' }));
      return { inventories: [...system, ...bound] };
    },
  });
});
afterEach(async () => {
  await agent.close();
  await kernel.close();
});

const scanned = async (count: number): Promise<void> => {
  while (scans.length < count) await new Promise<void>((resolve) => (wake = resolve));
};
/** The scan of this number is in the store: each finds other packages, so each is told. */
const stored = (count: number) =>
  kernel.world.waitForEvent(() => kernel.events(EVENT_TYPES.dependenciesScanned).length >= count);

test('a host is scanned when its agent reports its facts, and again after each interval', async () => {
  agent.send({ type: 'facts', facts: testFacts() });
  await scanned(1);
  await stored(1);
  expect(scans[0]).toMatchObject({ environments: [], managers: ['pip', 'npm', 'apt'] });
  await clock.advance(290_000);
  expect(scans).toHaveLength(1);
  await clock.advance(20_000);
  await scanned(2);
  await stored(2);
});

test('nothing is scanned by the timer while a step is changing the host', async () => {
  agent.send({ type: 'facts', facts: testFacts() });
  await scanned(1);
  await stored(1);
  await kernel.driver.applyStep({
    run: 'run_1',
    step: 'a',
    target: { host },
    action: { driver: 'pip', action: 'packages.apply', params: {} },
    timeout_ms: 600_000,
    wait_ms: 0,
    fence: 1,
  });
  await clock.advance(310_000);
  expect(scans).toHaveLength(1);
  const task = await agent.waitFor(
    (message) => message.type === 'task' && message.task.type === 'apply_step',
  );
  const task_id = 'task_id' in task ? task.task_id : '';
  agent.send({
    type: 'result',
    result: { task_id, ok: true, step: { status: 'succeeded', detail: '' } },
  });
  await agent.waitFor((message) => message.type === 'result_ack' && message.task_id === task_id);
  await clock.advance(10_000);
  await scanned(2);
});

test('an agent that does not answer in time makes agent_timeout', async () => {
  silent = true;
  const scan = kernel.api.scanHost({ id: host }).catch((error: unknown) => error);
  await scanned(1);
  await clock.advance(61_000);
  expect(await scan).toMatchObject({ code: 'agent_timeout', details: { id: host } });
});

test('a look for a baseline leaves the machine-wide packages as the last whole scan found them', async () => {
  await kernel.api.scanHost({ id: host });
  await kernel.api.setBaseline({
    id: host,
    files: { 'requirements.txt': 'six==1.16.0\n' },
    environments: ['/srv/venv'],
  });
  expect(scans.at(-1)?.managers).toEqual([]);
  const { inventories } = await kernel.api.getInventory({ id: host });
  expect(inventories.map((one) => [one.manager, one.environment, one.packages])).toEqual([
    ['apt', 'system', { base: '1' }],
    ['npm', 'system', { base: '1' }],
    ['pip', '/srv/venv', { six: '1.16.0' }],
    ['pip', 'system', { base: '1' }],
  ]);
  expect(await kernel.api.getDrift({ id: host })).toMatchObject({ status: 'in_sync' });
});
