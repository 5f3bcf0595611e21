import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '@holdfast/sdk/process';

const GRACE_MS = 2_000;
const KILL_WAIT_MS = 5_000;
const POLL_MS = 20;
const IS_WINDOWS = process.platform === 'win32';

/** Drivers start their tools as leaders of sessions, and so of groups, of their own. */
const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(IS_WINDOWS ? pid : -pid, name);
  } catch {
    // Gone in between: the caller looks again.
  }
};

const groupExists = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};

/** Fields 3, 5 and 6 of /proc/PID/stat (proc(5)): state, group, session. Zombies do nothing any more. */
const isRunningMember = async (pid: string, group: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const [state = '', , pgrp, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(pgrp) === group && Number(session) === group && !'ZX'.includes(state);
};

/** Members of a group that still run. Only Linux tells them apart; elsewhere the leader stands for all of them. */
const runningMembers = async (group: number): Promise<number[]> => {
  if (!groupExists(group)) return [];
  if (process.platform !== 'linux') return [group];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const running = await Promise.all(pids.map((pid) => isRunningMember(pid, group)));
  return pids.filter((_, index) => running[index]).map(Number);
};

const bootOf = (startTime: string): string => startTime.slice(0, startTime.lastIndexOf(':'));

/**
 * Whether the group is the recorded one. While it has members no new process gets its number, so a group without its
 * leader is the recorded one too, if it is of this boot of the machine.
 */
const isRecordedGroup = async (child: ProcessIdentity): Promise<boolean> => {
  const leader = await identifyProcess(child.pid);
  if (leader) return leader.startTime === child.startTime;
  if (process.platform !== 'linux') return false;
  const [member] = await runningMembers(child.pid);
  const found = member === undefined ? undefined : await identifyProcess(member);
  return found !== undefined && bootOf(found.startTime) === bootOf(child.startTime);
};

const isEmpty = async (child: ProcessIdentity): Promise<boolean> =>
  IS_WINDOWS ? !(await isSameProcess(child)) : (await runningMembers(child.pid)).length === 0;

const emptyWithin = async (child: ProcessIdentity, ms: number): Promise<boolean> => {
  const end = performance.now() + ms;
  while (!(await isEmpty(child))) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
};

/**
 * Ends a process that this agent started before it died, with its whole group, also when only the rest of the group is
 * left. Does nothing when its pid belongs to a later process. Answers whether there was anything to end; throws when
 * the group outlives SIGKILL.
 */
export const endRecordedChild = async (child: ProcessIdentity): Promise<boolean> => {
  if (!(await isRecordedGroup(child))) return false;
  signal(child.pid, 'SIGTERM');
  if (await emptyWithin(child, GRACE_MS)) return true;
  signal(child.pid, 'SIGKILL');
  if (await emptyWithin(child, KILL_WAIT_MS)) return true;
  throw new Error(`the process group ${child.pid} of an earlier agent cannot be ended`);
};
