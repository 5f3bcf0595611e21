import { spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { isSameProcess, terminate } from '@holdfast/sdk/process';
import type { GuardianStatus } from '@holdfast/contracts';
import { fetchText } from './test-support/guardian-world.ts';
import { hammer } from './test-support/hammer.ts';
import { useWorld } from './test-support/use-world.ts';

const SMALL_DISK = 'size=256k,mode=700';
const world = useWorld();
const mounted: string[] = [];
afterEach(() => {
  for (const path of mounted.splice(0)) spawnSync('umount', ['--lazy', path]);
});

const mount = (path: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', SMALL_DISK, 'tmpfs', path]).status === 0;

/** Whether this machine lets us have a disk of our own at all. */
const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const tried = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  return tried.status === 0;
})();

/** A disk of its own for a folder of the home. */
const giveDisk = async (name: string): Promise<void> => {
  const path = join(world().home, name);
  await mkdir(path, { recursive: true, mode: 0o700 });
  expect(mount(path)).toBe(true);
  mounted.push(path);
};

/** Leaves no byte free there. */
const fill = async (name: string): Promise<string> => {
  const ballast = join(world().home, name, 'ballast');
  await expect(writeFile(ballast, Buffer.alloc(1024 * 1024))).rejects.toThrow('ENOSPC');
  await expect(writeFile(`${ballast}-more`, 'x'.repeat(5_000))).rejects.toThrow('ENOSPC');
  return ballast;
};

const pidsOf = ({ kernels, processes }: GuardianStatus): unknown =>
  [...kernels, ...processes].filter((row) => row.pid !== null).map((row) => [row.name, row.pid]);

const statusAfter = async (pid: number): Promise<GuardianStatus> => {
  for (;;) {
    const status = await world()
      .status()
      .catch(() => undefined);
    if (status !== undefined && status.pid !== pid && status.state === 'running') return status;
    await delay(20);
  }
};

const ask = (op: string, input: object = {}): Promise<string> =>
  fetchText(world().port(8000), `/ask/${op}/${encodeURIComponent(JSON.stringify(input))}`);

const logged = (): Promise<string> => readFile(join(world().home, 'logs', 'guardian.log'), 'utf8');

const killGuardian = async (): Promise<number> => {
  const guardian = await world().guardian();
  await terminate(guardian, { graceMs: 0 });
  expect(await isSameProcess(guardian)).toBe(false);
  return guardian.pid;
};

describe.runIf(canMount)(
  'a guardian that takes over on a full disk (root on Linux only: needs a disk of its own)',
  { timeout: 30_000 },
  () => {
    it('keeps every process and every port where its run files cannot be written, and says so', async () => {
      await giveDisk('run');
      await world().start().news;
      const before = pidsOf(await world().status());
      const probing = [8000, 8102].map((port) => hammer(world().port(port)));
      await fill('run');
      const after = await statusAfter(await killGuardian());
      expect(pidsOf(after)).toEqual(before);
      for (const one of probing) expect((await one.stop()).refused).toBe(0);
      const log = await logged();
      expect(log).toMatch(/"could not record the guardian".*ENOSPC/);
    });

    it('keeps every process where its journal cannot be written, and writes it when it can', async () => {
      await giveDisk('guardian');
      await world().start().news;
      const before = pidsOf(await world().status());
      await ask('pauseHealing', { component_name: 'message_bus', for_s: 60 });
      const ballast = await fill('guardian');
      const after = await statusAfter(await killGuardian());
      expect(pidsOf(after)).toEqual(before);
      const health = async (): Promise<{ status: string; journal: { ok: boolean } }> =>
        JSON.parse(await ask('getGuardianHealth')) as never;
      // The last page of the journal has room for some more.
      while ((await health()).status !== 'degraded')
        await ask('pauseHealing', { component_name: 'message_bus', for_s: 60 });
      expect((await health()).journal.ok).toBe(false);
      expect(await logged()).toMatch(/"could not write the journal".*ENOSPC/);
      // What is supervised is supervised on.
      const { pid } = await world().rowOf('immutable_log');
      process.kill(pid ?? 0, 'SIGKILL');
      await world().rowWhen('immutable_log', (row) => row.status === 'healthy' && row.pid !== pid);
      await rm(ballast);
      await rm(`${ballast}-more`, { force: true });
      while ((await health()).status !== 'ok') await delay(20);
      const { incidents } = JSON.parse(await ask('listIncidents')) as { incidents: object[] };
      expect(incidents).toMatchObject([{ component: 'immutable_log', status: 'resolved' }]);
      const journal = await readFile(join(world().home, 'guardian', 'journal.jsonl'), 'utf8');
      expect(journal).toContain('"immutable_log"');
    });
  },
);
