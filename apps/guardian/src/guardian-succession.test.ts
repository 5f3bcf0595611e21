import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '@holdfast/sdk/process';
import type { GuardianStatus } from '@holdfast/contracts';
import { fetchText } from './test-support/guardian-world.ts';
import { hammer } from './test-support/hammer.ts';
import { useWorld } from './test-support/use-world.ts';

const world = useWorld();

const pidsOf = (status: GuardianStatus): Record<string, number | null> =>
  Object.fromEntries(
    [...status.kernels, ...status.processes]
      .filter((row) => row.status !== 'not_installed' && row.status !== 'not_started')
      .map((row) => [row.name, row.pid]),
  );

/** The status that another guardian than this one gives, when everything is healthy again. */
const statusAfter = async (pid: number): Promise<GuardianStatus> => {
  for (;;) {
    const status = await world()
      .status()
      .catch(() => undefined);
    if (status !== undefined && status.pid !== pid && status.state === 'running') return status;
    await delay(20);
  }
};

const record = async (name: string): Promise<ProcessIdentity> =>
  JSON.parse(await readFile(join(world().home, 'run', name), 'utf8')) as ProcessIdentity;

const killed = async (identity: ProcessIdentity): Promise<void> => {
  process.kill(identity.pid, 'SIGKILL');
  while (await isSameProcess(identity)) await delay(5);
};

describe('a guardian that is killed', { timeout: 60_000 }, () => {
  it('is followed by one that takes over every process, and no caller is refused', async () => {
    await world().start().news;
    const before = pidsOf(await world().status());
    const probing = [8000, 8101, 8102].map((port) => hammer(world().port(port)));
    for (let round = 0; round < 5; round += 1) {
      const guardian = await world().guardian();
      await killed(guardian);
      expect(pidsOf(await statusAfter(guardian.pid))).toEqual(before);
    }
    for (const one of probing) {
      const seen = await one.stop();
      expect(seen.refused).toBe(0);
      expect(seen.connected).toBeGreaterThan(0);
    }
  });

  it('together with a kernel: that one alone is started again, the ports refuse nobody', async () => {
    await world().start().news;
    const before = pidsOf(await world().status());
    const probing = hammer(world().port(8102));
    const guardian = await world().guardian();
    process.kill(before['infrastructure_manager'] ?? 0, 'SIGKILL');
    await killed(guardian);
    const after = pidsOf(await statusAfter(guardian.pid));
    expect(after['infrastructure_manager']).not.toBe(before['infrastructure_manager']);
    const text = await fetchText(world().port(8000), '/ask/listIncidents/%7B%22limit%22%3A10%7D');
    const { incidents } = JSON.parse(text) as {
      incidents: { component: string; status: string }[];
    };
    expect(incidents.map((one) => [one.component, one.status])).toEqual([
      ['infrastructure_manager', 'resolved'],
    ]);
    const others = (pids: typeof before): typeof before => ({ ...pids, infrastructure_manager: 0 });
    expect(others(after)).toEqual(others(before));
    expect((await probing.stop()).refused).toBe(0);
  });

  it('ends what does not come over in time, and starts it again', async () => {
    await world().start().news;
    const before = pidsOf(await world().status());
    const guardian = await world().guardian();
    process.kill(before['immutable_log'] ?? 0, 'SIGSTOP');
    await killed(guardian);
    const after = pidsOf(await statusAfter(guardian.pid));
    expect(after['immutable_log']).not.toBe(before['immutable_log']);
    expect(after['message_bus']).toBe(before['message_bus']);
  });

  it('watches those that it took over: one that dies is replaced', async () => {
    await world().start().news;
    const guardian = await world().guardian();
    await killed(guardian);
    const { immutable_log: pid } = pidsOf(await statusAfter(guardian.pid));
    const probing = hammer(world().port(8101));
    process.kill(pid ?? 0, 'SIGKILL');
    const row = await world().rowWhen(
      'immutable_log',
      (now) => now.status === 'healthy' && now.pid !== pid,
    );
    expect(row.restarts).toBe(1);
    expect((await probing.stop()).refused).toBe(0);
  });

  it('leaves restarts held that somebody had held, until they are resumed', async () => {
    await world().start().news;
    const ask = (op: string, input: object): Promise<string> =>
      fetchText(world().port(8000), `/ask/${op}/${encodeURIComponent(JSON.stringify(input))}`);
    await ask('pauseHealing', { component_name: 'immutable_log', for_s: 600 });
    const guardian = await world().guardian();
    await killed(guardian);
    const { immutable_log: pid } = pidsOf(await statusAfter(guardian.pid));
    process.kill(pid ?? 0, 'SIGKILL');
    const row = await world().rowWhen('immutable_log', (now) => now.status === 'failed');
    expect(row.reason).toContain('automatic restarts are paused until');
    await ask('resumeHealing', { component_name: 'immutable_log' });
    await world().rowWhen('immutable_log', (now) => now.status === 'healthy');
  });

  it('stops everything when asked, also what it took over', async () => {
    const first = world().start();
    await first.news;
    const guardian = await world().guardian();
    await killed(guardian);
    const status = await statusAfter(guardian.pid);
    first.process.kill('SIGTERM');
    expect(await first.exit).toMatchObject({ code: 0 });
    for (const pid of [status.pid, ...Object.values(pidsOf(status))])
      expect(await identifyProcess(pid ?? 0)).toBeUndefined();
  });
});

describe('a stop', { timeout: 60_000 }, () => {
  it('that comes while the guardian is being replaced is not forgotten', async () => {
    const first = world().start();
    await first.news;
    const pids = Object.values(pidsOf(await world().status()));
    process.kill((await world().guardian()).pid, 'SIGKILL');
    first.process.kill('SIGTERM');
    expect(await first.exit).toMatchObject({ code: 0 });
    for (const pid of pids) expect(await identifyProcess(pid ?? 0)).toBeUndefined();
  });

  it('that comes while one guardian makes room for another is carried out by that one', async () => {
    const first = world().start();
    await first.news;
    const pids = Object.values(pidsOf(await world().status()));
    await fetchText(world().port(8000), '/ask/reload/%7B%22component%22%3A%22guardian%22%7D');
    first.process.kill('SIGTERM');
    expect(await first.exit).toMatchObject({ code: 0 });
    for (const pid of pids) expect(await identifyProcess(pid ?? 0)).toBeUndefined();
  });

  it('reaches a guardian that hangs: another one takes over and stops everything', async () => {
    const first = world().start();
    await first.news;
    const pids = Object.values(pidsOf(await world().status()));
    process.kill((await world().guardian()).pid, 'SIGSTOP');
    first.process.kill('SIGTERM');
    expect(await first.exit).toMatchObject({ code: 0 });
    for (const pid of pids) expect(await identifyProcess(pid ?? 0)).toBeUndefined();
  });
});

describe('a keeper that is killed', { timeout: 60_000 }, () => {
  it('is replaced by its guardian; the new one keeps the ports when the guardian dies too', async () => {
    await world().start().news;
    const before = pidsOf(await world().status());
    const probing = [8000, 8102].map((port) => hammer(world().port(port)));
    const keeper = await record('keeper.json');
    await killed(keeper);
    let next = keeper;
    while (next.pid === keeper.pid) next = await record('keeper.json').catch(() => keeper);
    const guardian = await world().guardian();
    expect((await world().status()).pid).toBe(guardian.pid);
    await killed(guardian);
    expect(pidsOf(await statusAfter(guardian.pid))).toEqual(before);
    for (const one of probing) expect((await one.stop()).refused).toBe(0);
    process.kill(next.pid, 'SIGTERM');
    while (await isSameProcess(next)) await delay(20);
    await expect(fetchText(world().port(8102), '/health')).rejects.toThrow('ECONNREFUSED');
  });
});
