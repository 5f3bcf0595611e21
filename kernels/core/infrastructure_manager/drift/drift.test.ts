import { EVENT_TYPES, type AgentTask, type Inventory } from '@holdfast/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  pipInventory,
  venvAgent,
  type ScriptedAgent,
} from '../test-support/scripted-agent.ts';

const VENV = '/srv/venv';
let kernel: ServedKernel;
let agent: ScriptedAgent;
let host = '';
let packages: Record<string, string> = {};
let inventories: ((task: AgentTask) => Inventory[] | undefined) | undefined;

beforeEach(async () => {
  kernel = await serveKernel();
  const key = createAgentKey();
  host = await enrolTestHost(kernel, key);
  packages = { six: '1.16.0', idna: '3.4' };
  inventories = undefined;
  const usual = venvAgent(() => packages);
  agent = await connectScriptedAgent({
    kernel,
    host,
    key,
    answer(task) {
      const special = task.type === 'scan' ? inventories?.(task) : undefined;
      return special ? { inventories: special } : usual(task);
    },
  });
  await kernel.api.setBaseline({
    id: host,
    files: { 'requirements.txt': 'Six==1.16.0\nidna>=3\nwin==1; sys_platform == "win32"\n' },
    environments: [VENV],
  });
});
afterEach(async () => {
  await agent.close();
  await kernel.close();
});

const scan = () => kernel.api.scanHost({ id: 'local' });
const drifts = () => kernel.events(EVENT_TYPES.dependencyDrift);
/** Everything that was committed before it has reached the bus when this returns. */
const settle = async () => {
  const { token } = await kernel.api.createEnrolment({});
  const name = `marker-${token
    .slice(0, 8)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, 'x')}`;
  await kernel.api.registerHost({ hostname: name, os_type: 'linux' });
  await kernel.world.waitForEvent(({ data }) => data['hostname'] === name);
};

test('one drift is told once, a second one is told too, and the end of it once', async () => {
  packages = { six: '1.15.0', idna: '3.4' };
  const first = await scan();
  await scan();
  packages = { six: '1.15.0' };
  const second = await scan();
  await scan();
  packages = { six: '1.16.0', idna: '3.7' };
  expect(await scan()).toMatchObject({ status: 'in_sync', entries: [] });
  await scan();
  await settle();
  expect(drifts().map(({ data }) => data['entries'])).toEqual([first.entries, second.entries]);
  expect(second.entries.map((entry) => [entry.package, entry.actual])).toEqual([
    ['six', '1.15.0'],
    ['idna', 'not_installed'],
  ]);
  expect(kernel.events(EVENT_TYPES.dependencyInSync)).toHaveLength(1);
});

test('the drift event names host, system, entries, coverage and time, and is of high priority', async () => {
  packages = { six: '1.15.0', idna: '3.4' };
  await scan();
  await settle();
  const [event] = drifts();
  expect(event).toMatchObject({
    priority: 'high',
    subject: host,
    actor: 'owner',
    data: {
      host_id: host,
      hostname: 'box',
      os_type: 'linux',
      entries: [
        {
          manager: 'pip',
          environment: VENV,
          package: 'six',
          expected: '==1.16.0',
          actual: '1.15.0',
        },
      ],
    },
  });
  expect(Date.parse(String(event?.data['timestamp']))).not.toBeNaN();
  expect(event?.data['coverage']).toContainEqual({
    manager: 'pip',
    environment: VENV,
    packages: 2,
    status: 'complete',
    scanned: [VENV],
  });
});

test('the same drift after a restart of the kernel is not told again', async () => {
  packages = { six: '1.15.0', idna: '3.4' };
  await scan();
  await settle();
  expect(drifts()).toHaveLength(1);
  const { home } = kernel.world;
  await kernel.close({ keep: true });
  kernel = await serveKernel({ home });
  const key = createAgentKey();
  await enrolTestHost(kernel, key);
  agent = await connectScriptedAgent({ kernel, host, key, answer: venvAgent(() => packages) });
  expect(await scan()).toMatchObject({ status: 'drift' });
  await settle();
  expect(drifts()).toEqual([]);
});

test.each(['failed', 'absent', 'partial'] as const)(
  'coverage that is %s makes drift unknown, never clean, and tells no end of it',
  async (status) => {
    packages = { idna: '3.4', six: '1.15.0' };
    await scan();
    const coverage = { status, reason: 'a test said so', scanned: [] };
    inventories = () => [pipInventory(VENV, {}, coverage)];
    expect(await scan()).toMatchObject({ status: 'unknown', entries: [] });
    expect((await kernel.api.getHost({ id: host })).dependency_status).toBe('unknown');
    inventories = undefined;
    await scan();
    await settle();
    expect(kernel.events(EVENT_TYPES.dependencyInSync)).toEqual([]);
    expect(drifts()).toHaveLength(1);
  },
);

test('an environment that the agent leaves out counts as failed, whatever was there before', async () => {
  inventories = () => [];
  const drift = await scan();
  expect(drift.status).toBe('unknown');
  expect(drift.coverage.find(({ environment }) => environment === VENV)).toMatchObject({
    status: 'failed',
    reason: 'the agent sent no inventory of it',
  });
});

test('what was found is told once for each difference in it', async () => {
  const before = kernel.events(EVENT_TYPES.dependenciesScanned).length;
  packages = { six: '1.16.0', idna: '3.4', extra: '1' };
  await scan();
  await scan();
  await settle();
  expect(kernel.events(EVENT_TYPES.dependenciesScanned).length - before).toBeLessThanOrEqual(2);
  const digests = kernel
    .events(EVENT_TYPES.dependenciesScanned)
    .map(({ data }) => data['inventory_digest']);
  expect(new Set(digests).size).toBe(digests.length);
});

test('dependencies lists every declared package that applies, with what is there', async () => {
  packages = { six: '1.15.0' };
  await scan();
  const all = await kernel.api.listDependencies({});
  expect(all.items.map((row) => [row.package, row.expected, row.actual, row.status])).toEqual([
    ['six', '==1.16.0', '1.15.0', 'drift'],
    ['idna', '>=3', 'not_installed', 'drift'],
  ]);
  const page = await kernel.api.listDependencies({ host: 'local', status: 'drift', limit: 1 });
  expect(page).toMatchObject({ total: 2, next_cursor: '1' });
  const rest = await kernel.api.listDependencies({ status: 'drift', limit: 1, cursor: '1' });
  expect(rest).toMatchObject({ items: [{ package: 'idna' }], next_cursor: null });
  await expect(kernel.api.listDependencies({ host: 'ghost' })).rejects.toMatchObject({
    code: 'host_not_found',
  });
});

test('a host without a baseline has none to differ from', async () => {
  const { host: bare } = await kernel.api.registerHost({ hostname: 'bare', os_type: 'linux' });
  expect(await kernel.api.getDrift({ id: bare.id })).toMatchObject({
    status: 'no_baseline',
    entries: [],
  });
  await expect(kernel.api.scanHost({ id: bare.id })).rejects.toMatchObject({
    code: 'agent_offline',
  });
});

test('thousands of differences are one event with the first of them, their number and their name', async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `package-${index}`);
  packages = Object.fromEntries(names.map((name) => [name, '2.0']));
  await kernel.api.setBaseline({
    id: host,
    files: { 'requirements.txt': names.map((name) => `${name}==1.0\n`).join('') },
    environments: [VENV],
  });
  const drift = await scan();
  await settle();
  expect(drift.entries).toHaveLength(10_000);
  expect(drifts()).toHaveLength(1);
  const { data } = drifts()[0]!;
  const told = data['entries'] as unknown[];
  expect(told.length).toBeGreaterThan(50);
  expect(drift.entries.slice(0, told.length)).toEqual(told);
  expect(data).toMatchObject({ entries_total: 10_000, fingerprint: drift.fingerprint });
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(48 * 1024);
});
