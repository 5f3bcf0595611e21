import { EVENT_TYPES, HOST_STATUSES } from '@holdfast/contracts';
import { createFakeClock, testProfile } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  testFacts,
  testMetrics,
  type ScriptedAgent,
} from '../test-support/scripted-agent.ts';

let kernel: ServedKernel;
let agent: ScriptedAgent;
let host = '';
const clock = createFakeClock();
const key = createAgentKey();

beforeEach(async () => {
  kernel = await serveKernel({ clock });
  host = await enrolTestHost(kernel, key);
  agent = await connectScriptedAgent({ kernel, host, key });
});
afterEach(async () => {
  await agent.close();
  await kernel.close();
});

const statusChange = (status: string, nth = 1) =>
  kernel.world.waitForEvent(
    (event) =>
      event.data['new_status'] === status &&
      kernel
        .events(EVENT_TYPES.hostStatusChanged)
        .filter(({ data }) => data['new_status'] === status).length >= nth,
  );

test('a host is healthy when its agent reports, offline when it falls silent, and healthy again when it resumes', async () => {
  agent.send({ type: 'heartbeat', seq: 0, metrics: testMetrics() });
  await statusChange('healthy');
  await clock.advance(400_000);
  const offline = await statusChange('offline');
  expect(offline.data).toMatchObject({
    host_id: host,
    os_type: 'linux',
    old_status: 'healthy',
    new_status: 'offline',
    reason: 'no heartbeat for 300 s',
  });
  await clock.advance(400_000);
  agent.send({ type: 'heartbeat', seq: 1, metrics: testMetrics() });
  await statusChange('healthy', 2);
  expect(
    kernel.events(EVENT_TYPES.hostStatusChanged).map(({ data }) => data['new_status']),
  ).toEqual(['healthy', 'offline', 'healthy']);
  expect(await kernel.api.getHost({ id: host })).toMatchObject({
    status: 'healthy',
    last_seen: clock.iso(),
  });
});

test('a heartbeat with an old number is not taken for a new one', async () => {
  agent.send({ type: 'heartbeat', seq: 5, metrics: testMetrics(50) });
  await statusChange('healthy');
  agent.send({ type: 'heartbeat', seq: 5, metrics: testMetrics(1) });
  agent.send({ type: 'heartbeat', seq: 4, metrics: testMetrics(2) });
  agent.sendText('end');
  await agent.closed;
  expect((await kernel.api.getHost({ id: host })).metrics?.cpu_percent).toBe(50);
});

test('when a host was seen last survives a restart, and so does its offline status', async () => {
  agent.send({ type: 'heartbeat', seq: 0, metrics: testMetrics(42) });
  await statusChange('healthy');
  const seen = clock.iso();
  const { home } = kernel.world;
  await kernel.close({ keep: true });
  await clock.advance(1_000_000);
  kernel = await serveKernel({ home, clock });
  expect(await kernel.api.getHost({ id: host })).toMatchObject({
    last_seen: seen,
    status: 'healthy',
    metrics: { cpu_percent: 42 },
  });
  await clock.advance(400_000);
  await statusChange('offline');
});

test('the health summary counts exactly the hosts of the list', async () => {
  await kernel.api.registerHost({ hostname: 'announced', os_type: 'windows' });
  agent.send({ type: 'heartbeat', seq: 0, metrics: testMetrics() });
  await statusChange('healthy');
  await clock.advance(30_000);
  const { data } = await kernel.world.waitForEvent(
    ({ type }) => type === EVENT_TYPES.healthSummary,
  );
  const { items } = await kernel.api.listHosts({});
  expect(data['total']).toBe(items.length);
  for (const status of HOST_STATUSES)
    expect([status, data[status]]).toEqual([
      status,
      items.filter((item) => item.status === status).length,
    ]);
  expect((await kernel.api.listHosts({ status: 'unknown' })).items).toHaveLength(1);
});

test('facts replace what was known of a machine', async () => {
  agent.send({ type: 'facts', facts: { ...testFacts(), os_version: '13' } });
  agent.send({ type: 'heartbeat', seq: 0, metrics: testMetrics() });
  await statusChange('healthy');
  expect(await kernel.api.getHost({ id: host })).toMatchObject({
    os_version: '13',
    facts: { os_version: '13' },
  });
});

test('a profile that allows no further host refuses it', async () => {
  await kernel.close();
  const limits = { ...testProfile().limits, max_hosts: 1 };
  kernel = await serveKernel({ profile: testProfile({ limits }) });
  await kernel.api.registerHost({ hostname: 'one', os_type: 'linux' });
  await expect(
    kernel.api.registerHost({ hostname: 'two', os_type: 'linux' }),
  ).rejects.toMatchObject({ code: 'entitlement_missing' });
});
