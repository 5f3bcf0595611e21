import { mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isSameProcess } from '@holdfast/sdk/process';

const POLL_MS = 100;

/** Keeps a second agent away from one home: the journal has one writer. */
export interface AgentLock {
  release(): Promise<void>;
}

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

const isAlive = async (owner: string): Promise<boolean> => {
  const [pid, ...start] = owner.split(' ');
  return isSameProcess({ pid: Number(pid), startTime: start.join(' ') });
};

const tryCreate = async (path: string, owner: string): Promise<boolean> => {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(owner);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Takes the lock of an agent directory. An agent that is on its way out is waited for; a lock whose owner is dead is
 * taken over. Throws when another agent still runs there after `waitMs`.
 */
export const takeLock = async (dir: string, waitMs: number): Promise<AgentLock> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'agent.lock');
  const me = `${process.pid} ${(await identifyProcess(process.pid))?.startTime ?? ''}`;
  const end = performance.now() + waitMs;
  for (;;) {
    if (await tryCreate(path, me)) break;
    const owner = await read(path);
    if (!(await isAlive(owner))) {
      // Only what was looked at is removed: a lock that was taken in between has another owner in it.
      if ((await read(path)) === owner) await unlink(path).catch(() => undefined);
    } else if (performance.now() >= end)
      throw new Error(`another agent runs in ${dir} as pid ${owner.split(' ')[0]}`);
    else await delay(POLL_MS);
  }
  return {
    async release() {
      if ((await read(path)) === me) await unlink(path).catch(() => undefined);
    },
  };
};
