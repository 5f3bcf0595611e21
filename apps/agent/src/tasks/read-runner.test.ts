import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackageDriver, ReadContext } from '@holdfast/contracts';
import { createFakeDriver, createFakeWorld } from '@holdfast/drivers';
import { runningInGroup } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openReadRecord } from './read-record.ts';
import { createReadRunner } from './read-runner.ts';
import type { ReadTask } from './read-tasks.ts';

let dir = '';
let ended: number[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-reads-'));
  ended = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const openRecord = () =>
  openReadRecord(dir, {
    onEnded: (pid) => ended.push(pid),
    onFailed(error) {
      throw error;
    },
  });
const scan: ReadTask = { type: 'scan', environments: [], managers: ['pip'] };
const fake = createFakeDriver({ world: createFakeWorld({ environments: { system: {} } }) });

/** A driver that reads with a process that never ends by itself; `started` gives its pid. */
const endlessDriver = () => {
  let tell: (pid: number) => void;
  const started = new Promise<number>((resolve) => (tell = resolve));
  const driver: PackageDriver = {
    ...fake,
    async inventory(_place, { signal, onStart }: ReadContext = {}) {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
        detached: true,
        stdio: 'ignore',
      });
      await onStart?.({ pid: child.pid!, start_time: 'unknown' });
      const exit = once(child, 'exit');
      signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
      tell(child.pid!);
      await exit;
      throw new Error('it was ended');
    },
  };
  return { driver, started };
};

test('stopped, a runner ends what reads and has no result to tell', async () => {
  const { driver, started } = endlessDriver();
  const reads = createReadRunner([driver], await openRecord());
  const result = reads.run('t1', scan);
  const pid = await started;
  await reads.stop();
  expect(await runningInGroup(pid)).toEqual([]);
  expect(await result).toBeUndefined();
  expect(await reads.run('t2', scan)).toBeUndefined();
  expect(readdirSync(join(dir, 'reading'))).toEqual([]);
});

test('what an agent that was killed left reading is ended by the next one', async () => {
  const { driver, started } = endlessDriver();
  const lost = createReadRunner([driver], await openRecord()).run('t1', scan);
  const pid = await started;
  expect(readdirSync(join(dir, 'reading'))).toHaveLength(1);
  await openRecord();
  expect(ended).toEqual([pid]);
  expect(await runningInGroup(pid)).toEqual([]);
  expect(readdirSync(join(dir, 'reading'))).toEqual([]);
  await lost;
});

test('a read that ends by itself gives its result and leaves no note', async () => {
  const reads = createReadRunner([fake], await openRecord());
  expect(await reads.run('t1', scan)).toMatchObject({ ok: true });
  expect(readdirSync(join(dir, 'reading'))).toEqual([]);
});
