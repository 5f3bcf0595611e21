import { EVENT_TYPES, type Host } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, expect, it } from 'vitest';
import { createPolicyWorld, policyHost, type PolicyWorld } from '../test-support/policy-world.ts';

let open: PolicyWorld | undefined;
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const withLoad = (os_type: Host['os_type'], cpu_percent: number, memory_percent: number): Host => {
  const host = policyHost({ id: `box_${os_type}`, os_type });
  return { ...host, metrics: { ...host.metrics!, cpu_percent, memory_percent } };
};

const start = async () => {
  const clock = createFakeClock();
  const world = (open = await createPolicyWorld({ clock }));
  const violations = () =>
    world.world.events.filter(({ type }) => type === EVENT_TYPES.policyViolation);
  /** Lets time pass until these hosts were looked at. */
  const report = async (...hosts: Host[]): Promise<void> => {
    world.hosts.splice(0, world.hosts.length, ...hosts);
    const before = world.looks();
    while (world.looks() === before) await clock.advance(30_000);
  };
  return { world, violations, report };
};

it.each([
  ['linux', 91, 86, ['limit.linux.cpu', 'limit.linux.memory']],
  ['linux', 90, 85, []],
  ['windows', 86, 80, ['limit.windows.cpu']],
  ['windows', 85, 81, ['limit.windows.memory']],
  ['windows', 84, 79, []],
  ['macos', 86, 81, ['limit.macos.cpu', 'limit.macos.memory']],
  ['docker', 91, 86, ['limit.other.cpu', 'limit.other.memory']],
  ['docker', 90, 85, []],
] as const)('a %s host at %d % cpu and %d % memory exceeds %j', async (os, cpu, memory, limits) => {
  const { report, violations } = await start();
  await report(withLoad(os, cpu, memory));
  await expect
    .poll(() => violations().flatMap(({ data }) => data['violations'] as { policy: string }[]))
    .toMatchObject(limits.map((policy) => ({ policy })));
});

it('tells what is there and what the limit is, as an event of high priority', async () => {
  const { report, world } = await start();
  const host = withLoad('linux', 97.5, 20);
  await report({
    ...host,
    capabilities: host.capabilities.filter(({ name }) => name !== 'network'),
  });
  const event = await world.world.waitForEvent(({ type }) => type === EVENT_TYPES.policyViolation);
  expect(event).toMatchObject({
    priority: 'high',
    subject: 'box_linux',
    data: {
      host_id: 'box_linux',
      os_type: 'linux',
      violations: [
        {
          policy: 'limit.linux.capabilities',
          current: ['compute', 'storage'],
          limit: ['compute', 'storage', 'network'],
        },
        { policy: 'limit.linux.cpu', current: 97.5, limit: 90 },
      ],
    },
  });
});

it('tells once while nothing changes, and again after the host recovered', async () => {
  const { report, violations } = await start();
  const [busy, calm] = [withLoad('linux', 99, 10), withLoad('linux', 5, 10)];
  for (const host of [busy, busy, calm, busy, { ...busy, status: 'offline' as const }])
    await report(host);
  await expect.poll(() => violations().length).toBe(2);
});
