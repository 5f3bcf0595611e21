import { setTimeout as delay } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity } from '@holdfast/sdk/process';

const GRACE_MS = 2_000;
const POLL_MS = 20;

/** Drivers start their tools as leaders of groups of their own. */
const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name);
  } catch {
    // Gone in between: the caller looks again.
  }
};

const isGone = async (child: ProcessIdentity): Promise<boolean> => {
  const end = performance.now() + GRACE_MS;
  while (await isSameProcess(child)) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
};

/**
 * Ends a process that this agent started before it died, if it still is that process and not a later one with its
 * pid. Answers whether there was anything to end.
 */
export const endRecordedChild = async (child: ProcessIdentity): Promise<boolean> => {
  if (!(await isSameProcess(child))) return false;
  signal(child.pid, 'SIGTERM');
  if (!(await isGone(child))) signal(child.pid, 'SIGKILL');
  await isGone(child);
  return true;
};
