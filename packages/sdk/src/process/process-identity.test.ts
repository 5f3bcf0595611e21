import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess, isSameProcess, isStopped, terminate } from './process-identity.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a program that says a word when it is ready, and identifies it. */
const startProgram = async (body: string): Promise<[ChildProcess, ProcessIdentity]> => {
  const child = spawn(
    process.execPath,
    ['-e', `${body};setInterval(()=>{},1e3);console.log('up')`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  await once(child.stdout!, 'data');
  const identity = await identifyProcess(child.pid ?? 0);
  if (identity === undefined) throw new Error('it is not there');
  return [child, identity];
};

describe('a process identity', () => {
  it('is the same as long as the process lives, and of nobody afterwards', async () => {
    const [child, identity] = await startProgram('');
    expect(await identifyProcess(identity.pid)).toEqual(identity);
    expect(await isSameProcess(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isSameProcess(identity)).toBe(false);
    expect(await identifyProcess(identity.pid)).toBeUndefined();
  });

  it('differs between two processes', async () => {
    const [, first] = await startProgram('');
    const [, second] = await startProgram('');
    expect(first.startTime).not.toBe(second.startTime);
    expect(await isSameProcess({ pid: second.pid, startTime: first.startTime })).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 40])('is not given for the pid %s', async (pid) => {
    expect(await identifyProcess(pid)).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')(
    'of a zombie is gone, and a blank or parenthesis in its name does not matter (Linux only: needs /proc)',
    async () => {
      // The shell does not collect its child, because it has become another program.
      const script = 'cp "$(command -v sleep)" "$0" && { "$0" 0.01 & exec sleep 30; }';
      const odd = join(tmpdir(), `a) R (b ${process.pid}`);
      const parent = spawn('sh', ['-c', script, odd], { stdio: 'ignore' });
      children.push(parent);
      const zombieOf = async (): Promise<number> => {
        for (;;) {
          for (const name of (await readdir('/proc')).filter((one) => /^\d+$/.test(one))) {
            const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
            const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
            if (fields[1] === String(parent.pid) && fields[0] === 'Z') return Number(name);
          }
        }
      };
      const zombie = await zombieOf();
      await rm(odd, { force: true });
      expect(await identifyProcess(zombie)).toBeUndefined();
    },
  );

  it.runIf(process.platform === 'linux')(
    'tells a stopped process (Linux only: needs /proc)',
    async () => {
      const [child, identity] = await startProgram('');
      expect(await isStopped(identity.pid)).toBe(false);
      child.kill('SIGSTOP');
      while (!(await isStopped(identity.pid)));
      expect(await isSameProcess(identity)).toBe(true);
    },
  );
});

describe('terminate', () => {
  it('ends a process that listens by SIGTERM', async () => {
    const [child, identity] = await startProgram('');
    expect(await terminate(identity, { graceMs: 10_000 })).toBe('terminated');
    expect(child.signalCode ?? (await once(child, 'exit'))[1]).toBe('SIGTERM');
  });

  it('ends one that does not listen by SIGKILL', async () => {
    const [, identity] = await startProgram(`process.on('SIGTERM',()=>{})`);
    expect(await terminate(identity, { graceMs: 100 })).toBe('killed');
    expect(await isSameProcess(identity)).toBe(false);
  });

  it('touches nobody when the pid belongs to another process by now', async () => {
    const [, identity] = await startProgram('');
    const earlier = { pid: identity.pid, startTime: 'of an earlier process' };
    expect(await terminate(earlier, { graceMs: 0 })).toBe('gone');
    expect(await isSameProcess(identity)).toBe(true);
  });
});
