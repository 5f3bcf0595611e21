import type { ChildProcess } from 'node:child_process';

const GRACE_MS = 2000;

/** Signals the group that a detached child leads. A group that is gone already is no error. */
const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Resolves when `event` does, or after the grace period. */
const waitFor = async (event: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise((resolve) => {
    timer = setTimeout(resolve, GRACE_MS);
  });
  await Promise.race([event, grace]);
  clearTimeout(timer);
};

/**
 * Ends a detached child and everything it started in its group: SIGTERM, and SIGKILL once `closed` resolves or the
 * grace period is over. SIGKILL is always sent, since a grandchild may outlive the leader with its output closed.
 */
export const endGroup = async (child: ChildProcess, closed: Promise<unknown>): Promise<void> => {
  signalGroup(child, 'SIGTERM');
  await waitFor(closed);
  signalGroup(child, 'SIGKILL');
  await waitFor(closed);
};
