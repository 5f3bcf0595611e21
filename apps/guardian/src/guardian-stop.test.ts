import { spawn } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProcessIdentity } from '@holdfast/sdk/process';
import { identifyProcess, isSameProcess } from '@holdfast/sdk/process';
import { isPortOpen } from './test-support/claim-offset.ts';
import { fetchText } from './test-support/guardian-world.ts';
import { useWorld } from './test-support/use-world.ts';

const PORTS = [8000, 8100, 8101, 8102];
const world = useWorld();

const children = async (): Promise<ProcessIdentity[]> => {
  const { kernels, processes } = await world().status();
  const pids = [...kernels, ...processes].flatMap((row) => row.pid ?? []);
  return Promise.all(pids.map((pid) => world().remember(pid)));
};

const expectNothingLeft = async (identities: readonly ProcessIdentity[]): Promise<void> => {
  expect(identities.length).toBeGreaterThanOrEqual(5);
  for (const one of identities) expect(await isSameProcess(one)).toBe(false);
  for (const port of PORTS) expect(await isPortOpen(world().port(port))).toBe(false);
  expect(await readdir(join(world().home, 'run'))).toEqual([]);
};

describe('a stop', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s leaves no process, no open port and no run file',
    async (signal) => {
      const guardian = world().start();
      await guardian.news;
      const before = await children();
      guardian.process.kill(signal);
      expect(await guardian.exit).toEqual({ code: 0, signal: null });
      await expectNothingLeft(before);
    },
  );

  it('goes from the door to the bus', async () => {
    const guardian = world().start();
    await guardian.news;
    guardian.process.kill('SIGTERM');
    await guardian.exit;
    const stops = (await world().trace()).filter((line) => line.what === 'stop');
    expect(stops.map((line) => line.name)).toEqual([
      'gateway',
      'agent',
      'infrastructure_manager',
      'immutable_log',
      'message_bus',
    ]);
  });

  it('can be asked for through the gateway', async () => {
    const guardian = world().start();
    await guardian.news;
    const before = await children();
    expect(await fetchText(world().port(8000), '/ask/stopStack')).toBe('{"stopping":true}');
    expect(await guardian.exit).toMatchObject({ code: 0 });
    await expectNothingLeft(before);
  });

  it('ends a child that does not listen when its time is up', async () => {
    await world().mode('immutable_log', 'stubborn');
    const guardian = world().start();
    await guardian.news;
    const before = await children();
    guardian.process.kill('SIGTERM');
    expect(await guardian.exit).toMatchObject({ code: 0 });
    await expectNothingLeft(before);
  });

  it('ends everything at once when asked for a second time', async () => {
    await world().mode('message_bus', 'stubborn');
    await world().mode('gateway', 'stubborn');
    const guardian = world().start();
    await guardian.news;
    const before = await children();
    guardian.process.kill('SIGINT');
    await new Promise((resolve) => setImmediate(resolve));
    guardian.process.kill('SIGTERM');
    expect(await guardian.exit).toMatchObject({ code: 0 });
    await expectNothingLeft(before);
  });

  it('works while a start is still under way', async () => {
    await world().mode('message_bus', 'never-ready');
    const guardian = world().start();
    await world().rowWhenUp('gateway');
    const before = await children();
    guardian.process.kill('SIGTERM');
    expect(await guardian.exit).toMatchObject({ code: 0 });
    await expectNothingLeft(before);
  });

  it('follows when the terminal that started it goes away', async () => {
    const guardian = world().start({ HOLDFAST_FOREGROUND: '1' });
    await guardian.news;
    const before = await children();
    guardian.process.disconnect();
    expect(await guardian.exit).toMatchObject({ code: 0 });
    await expectNothingLeft(before);
  });

  it('does not follow when a detached one loses its parent', async () => {
    const guardian = world().start();
    await guardian.news;
    guardian.process.disconnect();
    await world().rowWhen('message_bus', (row) => row.status === 'healthy');
    await world().rowWhen('message_bus', (row) => row.last_check !== null);
    expect(guardian.process.exitCode).toBeNull();
  });
});

describe('a guardian that is killed with its keeper', { timeout: 30_000 }, () => {
  it('leaves processes that the next one ends by identity, and only those', async () => {
    await world().mode('immutable_log', 'orphan');
    await world().mode('message_bus', 'stubborn');
    const first = world().start();
    await first.news;
    const before = await children();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
    });
    const innocent = await world().remember(bystander.pid ?? 0);
    const guardian = await world().guardian();
    first.process.kill('SIGKILL');
    process.kill(guardian.pid, 'SIGKILL');
    await first.exit;
    const path = join(world().home, 'run', 'processes.json');
    const records = JSON.parse(await readFile(path, 'utf8')) as object[];
    expect(records).toHaveLength(5);
    const reused = { name: 'agent', pid: innocent.pid, startTime: `${innocent.startTime}0` };
    await writeFile(path, JSON.stringify([...records, reused]));

    const second = world().start();
    expect(await second.news).toMatchObject({ type: 'started', status: { state: 'running' } });
    for (const one of before) expect(await isSameProcess(one)).toBe(false);
    expect(await identifyProcess(innocent.pid)).toEqual(innocent);
    bystander.kill('SIGKILL');
    const log = await readFile(join(world().home, 'logs', 'guardian.log'), 'utf8');
    expect(log).toMatch(
      /ended a process of an earlier guardian","process":"message_bus".*"how":"killed"/,
    );
    expect(log).toMatch(
      /ended a process of an earlier guardian","process":"immutable_log".*"how":"terminated"/,
    );
  });
});
