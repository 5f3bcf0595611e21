import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { processStartTime } from '@holdfast/drivers';
import type { SpawnLine } from '../journal/journal-lines.ts';

const GRACE_MS = 2_000;
const POLL_MS = 20;

let boot: Promise<string> | undefined;

/** Names the current start of the machine where it can be told: pids and start ticks begin anew with it. */
export const bootId = (): Promise<string> =>
  (boot ??= readFile('/proc/sys/kernel/random/boot_id', 'latin1').then(
    (text) => text.trim(),
    () => '',
  ));

const isStill = async (child: SpawnLine): Promise<boolean> =>
  child.boot === (await bootId()) && (await processStartTime(child.pid)) === child.start_time;

/** Drivers start their tools as leaders of groups of their own. */
const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, name);
  } catch {
    // Gone in between: the caller looks again.
  }
};

const isGone = async (child: SpawnLine): Promise<boolean> => {
  const end = performance.now() + GRACE_MS;
  while (await isStill(child)) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
};

/**
 * Ends a process that this agent started before it died, if it still is that process and not a later one with its
 * pid. Answers whether there was anything to end.
 */
export const endRecordedChild = async (child: SpawnLine): Promise<boolean> => {
  if (!(await isStill(child))) return false;
  signal(child.pid, 'SIGTERM');
  if (!(await isGone(child))) signal(child.pid, 'SIGKILL');
  await isGone(child);
  return true;
};
