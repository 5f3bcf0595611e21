import { describe, expect, it } from 'vitest';
import { fetchText } from './test-support/guardian-world.ts';
import { hammer } from './test-support/hammer.ts';
import { useSharedWorld, useWorld } from './test-support/use-world.ts';

describe('a process of a stack that runs', { timeout: 30_000 }, () => {
  const world = useSharedWorld(async (one) => void (await one.start().news));

  it('is replaced after kill -9 while its port refuses nobody', async () => {
    const probing = hammer(world().port(8102));
    let pid = (await world().rowOf('infrastructure_manager')).pid ?? 0;
    for (let round = 0; round < 5; round += 1) {
      process.kill(pid, 'SIGKILL');
      const before = pid;
      const row = await world().rowWhen(
        'infrastructure_manager',
        (now) => now.status === 'healthy' && now.pid !== before,
      );
      pid = row.pid ?? 0;
      expect(row.restarts).toBe(round + 1);
      expect(JSON.parse(await fetchText(world().port(8102), '/health'))).toMatchObject({ pid });
    }
    const seen = await probing.stop();
    expect(seen.refused).toBe(0);
    expect(seen.connected).toBeGreaterThan(0);
  });

  it('takes nobody with it: the other processes keep their pids', async () => {
    const before = await world().status();
    process.kill((await world().rowOf('message_bus')).pid ?? 0, 'SIGKILL');
    await world().rowWhen('message_bus', (row) => row.restarts === 1 && row.status === 'healthy');
    const after = await world().status();
    const pids = (status: typeof before): unknown =>
      [...status.kernels, ...status.processes]
        .filter((row) => row.name !== 'message_bus')
        .map((row) => [row.name, row.pid]);
    expect(pids(after)).toEqual(pids(before));
  });

  it('is the gateway as well', async () => {
    const { pid } = await world().rowOf('gateway');
    process.kill(pid ?? 0, 'SIGKILL');
    const row = await world().rowWhen('gateway', (now) => now.pid !== pid);
    expect(row.restarts).toBe(1);
  });

  it('is replaced when it is held by SIGSTOP, also where it has no port', async () => {
    for (const name of ['immutable_log', 'agent']) {
      const { pid } = await world().rowOf(name);
      await world().remember(pid ?? 0);
      process.kill(pid ?? 0, 'SIGSTOP');
      const row = await world().rowWhen(
        name,
        (now) => now.restarts === 1 && now.status === 'healthy',
      );
      expect(row.pid).not.toBe(pid);
    }
  });

  it('is replaced when it stops answering while its port stays open', async () => {
    const { pid, restarts } = await world().rowOf('infrastructure_manager');
    await fetchText(world().port(8102), '/become/hang');
    const sick = await world().rowWhen(
      'infrastructure_manager',
      (now) => now.status === 'unhealthy',
    );
    expect(sick.reason).toBe('no answer to /health in 2000 ms');
    const row = await world().rowWhen('infrastructure_manager', (now) => now.status === 'healthy');
    expect(row.pid).not.toBe(pid);
    expect(row.restarts).toBe(restarts + 1);
  });
});

describe('a process that does not come up', { timeout: 30_000 }, () => {
  const world = useWorld();

  it.each([
    ['hang', 'not healthy 3000 ms after its start: no answer to /health in 2000 ms'],
    ['impostor', 'its /health does not say that it is infrastructure_manager, 3 times in a row'],
    ['never-ready', 'not healthy 3000 ms after its start'],
  ])('is replaced when it comes up like this: %s', async (mode, reason) => {
    await world().timings({ start_timeout_ms: 3000 });
    await world().mode('infrastructure_manager', mode);
    world().start();
    await world().rowWhenUp('gateway');
    const row = await world().rowWhen('infrastructure_manager', (now) => now.restarts > 0);
    expect(row.reason).toContain(reason);
    await world().mode('infrastructure_manager', 'healthy');
    await world().rowWhen('infrastructure_manager', (now) => now.status === 'healthy');
  });

  it('that answers "failing" is left alone for a check interval, and says what fails', async () => {
    await world().start().news;
    await world().mode('infrastructure_manager', 'failing');
    process.kill((await world().rowOf('infrastructure_manager')).pid ?? 0, 'SIGKILL');
    const failing = await world().rowWhen(
      'infrastructure_manager',
      (now) => now.reason === 'disk: it is full',
    );
    const next = await world().rowWhen('infrastructure_manager', (now) => now.pid !== failing.pid);
    expect(next.reason).toContain('failing for too long: disk: it is full');
    expect(next.failures).toBe(2);
  });

  it('that crashes again and again cools down after three attempts, ever longer', async () => {
    await world().timings({ restart_cooldown_s: 1 });
    await world().mode('infrastructure_manager', 'exit-at-once');
    world().start();
    await world().rowWhenUp('gateway');
    const atFailure = async (count: number): Promise<string> =>
      (await world().rowWhen('infrastructure_manager', (now) => now.failures === count)).reason;
    await world().rowWhen('infrastructure_manager', (now) => now.status === 'failed');
    expect(await atFailure(3)).toContain('started again in 1000 ms');
    expect(await atFailure(4)).toContain('started again in 2000 ms');
    await world().mode('infrastructure_manager', 'healthy');
    await world().rowWhen('infrastructure_manager', (now) => now.status === 'healthy');
  });
});
