import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { identifyProcess, type ProcessIdentity } from '@holdfast/sdk/process';
import { runningInGroup } from '@holdfast/testkit';
import { afterEach, expect, test } from 'vitest';
import { endRecordedChild } from './recorded-child.ts';

/** A leader that dies at once on SIGTERM, in front of a member that does not listen and holds no output. */
const LEADER = `
  const program = "process.on('SIGTERM', () => {}); process.send('up'); setInterval(() => {}, 1000)";
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.once('message', () => process.stdout.write(String(child.pid)));
  setInterval(() => {}, 1000);
`;
const leaders: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of leaders.splice(0)) {
    try {
      process.kill(-pid!, 'SIGKILL');
    } catch {
      // What the test ended is not there to be ended.
    }
  }
});

const startGroup = async (): Promise<{ leader: ChildProcess; recorded: ProcessIdentity }> => {
  const leader = spawn(process.execPath, ['-e', LEADER], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  leaders.push(leader);
  await once(leader.stdout!, 'data');
  return { leader, recorded: (await identifyProcess(leader.pid!))! };
};

test('a group is ended to its last member, though the leader goes at once and the member does not listen', async () => {
  const { recorded } = await startGroup();
  expect(await runningInGroup(recorded.pid)).toHaveLength(2);
  expect(await endRecordedChild(recorded)).toBe(true);
  expect(await runningInGroup(recorded.pid)).toEqual([]);
  expect(await endRecordedChild(recorded)).toBe(false);
});

const elsewhere = process.platform === 'linux' ? '' : ' (SKIPPED: only Linux tells members apart)';
test.skipIf(elsewhere !== '')(
  `a group that lost its leader before is ended as well${elsewhere}`,
  async () => {
    const { leader, recorded } = await startGroup();
    leader.kill('SIGKILL');
    await once(leader, 'exit');
    const rest = await runningInGroup(recorded.pid);
    expect(rest).toHaveLength(1);
    expect(await endRecordedChild({ ...recorded, startTime: 'another-boot:1' })).toBe(false);
    expect(await runningInGroup(recorded.pid)).toEqual(rest);
    expect(await endRecordedChild(recorded)).toBe(true);
    expect(await runningInGroup(recorded.pid)).toEqual([]);
  },
);

test('a process that has the pid but started at another time is left alone', async () => {
  const { recorded } = await startGroup();
  const other = { ...recorded, startTime: `${recorded.startTime}0` };
  expect(await endRecordedChild(other)).toBe(false);
  expect(await runningInGroup(recorded.pid)).toHaveLength(2);
});
