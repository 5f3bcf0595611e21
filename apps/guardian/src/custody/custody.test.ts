import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isSameProcess, terminate } from '@holdfast/sdk/process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleGuardian } from '../test-support/guardian-world.ts';
import { openCustody, type Custody, type CustodyTimes } from './custody.ts';

const IMPATIENT: CustodyTimes = { answerMs: 500, pingMs: 600_000 };
const WATCHFUL: CustodyTimes = { answerMs: 600_000, pingMs: 300 };
const PATIENT: CustodyTimes = { answerMs: 600_000, pingMs: 600_000 };
const place = (name: string) => ({ name, address: '127.0.0.1', port: 0 });

let folder: string;
let custody: Custody;
const keepers: number[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-custody-'));
  await bundleGuardian(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  await custody.tell({ type: 'stopping' });
  for (const pid of keepers.splice(0)) {
    const identity = await identifyProcess(pid);
    if (identity !== undefined) await terminate(identity, { graceMs: 0 });
  }
});

const open = async (times: CustodyTimes): Promise<number> => {
  custody = await openCustody(join(folder, 'keeper.js'), times);
  const pid = custody.keeperPid;
  keepers.push(pid);
  await heard();
  return pid;
};

/** Resolves when the keeper that is there now answers, however long it takes to come up. */
const heard = async (): Promise<void> => {
  while (!(await custody.lookAtKeeper()).answers) await delay(5);
};

const replaced = (): Promise<number> =>
  new Promise((resolve) =>
    custody.onReplaced((pid) => {
      keepers.push(pid);
      resolve(pid);
    }),
  );

describe('a keeper that hangs', () => {
  it('keeps nobody waiting: what is asked of it is refused', async () => {
    const pid = await open(IMPATIENT);
    await custody.hold(place('gateway'));
    expect(await custody.lookAtKeeper()).toEqual({ pid, answers: true });
    process.kill(pid, 'SIGSTOP');
    await expect(custody.hold(place('scheduler'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await expect(custody.copy(place('gateway'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(await custody.lookAtKeeper()).toEqual({ pid, answers: false });
    process.kill(pid, 'SIGCONT');
    const handle = await custody.copy(place('gateway'));
    handle.close();
    expect(await custody.lookAtKeeper()).toEqual({ pid, answers: true });
  });

  it('is ended, and another one has every socket that it had', async () => {
    const pid = await open(WATCHFUL);
    const held = await custody.hold(place('gateway'));
    const hung = (await identifyProcess(pid))!;
    const following = replaced();
    process.kill(pid, 'SIGSTOP');
    const next = await following;
    expect(next).not.toBe(pid);
    expect(await isSameProcess(hung)).toBe(false);
    const handle = await custody.copy(place('gateway'));
    expect(handle.address).toBe('127.0.0.1');
    handle.close();
    const other = await custody.hold(place('scheduler'));
    expect(other.port).not.toBe(held.port);
    expect(await custody.lookAtKeeper()).toEqual({ pid: next, answers: true });
  });
});

describe('a keeper that is gone', () => {
  it('leaves nobody without an answer: the one that follows is asked', async () => {
    const pid = await open(PATIENT);
    await custody.hold(place('gateway'));
    const following = replaced();
    process.kill(pid, 'SIGSTOP');
    const asked = [custody.hold(place('scheduler')), custody.copy(place('gateway'))];
    process.kill(pid, 'SIGKILL');
    for (const handle of await Promise.all(asked)) expect(handle.port).toBeGreaterThan(0);
    expect(await following).not.toBe(pid);
    (await asked[1])?.close();
  });

  it('is missed until there is another one', async () => {
    const pid = await open(PATIENT);
    const first = replaced();
    process.kill(pid, 'SIGKILL');
    const second = await first;
    const following = replaced();
    // The second that dies young is not replaced at once.
    process.kill(second, 'SIGKILL');
    while ((await custody.lookAtKeeper()).pid === second) await delay(1);
    expect(await custody.lookAtKeeper()).toEqual({ pid: undefined, answers: false });
    const third = await following;
    await heard();
    expect(await custody.lookAtKeeper()).toEqual({ pid: third, answers: true });
  });
});
