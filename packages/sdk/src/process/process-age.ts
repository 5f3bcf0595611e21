import { readFileSync } from 'node:fs';

/** proc(5) counts in USER_HZ: a hundred a second on every architecture that node runs on. */
const MS_PER_TICK = 10;

/** Field 22 of /proc/PID/stat, after the command name, which itself may hold blanks and parentheses: proc(5). */
const startTicks = (pid: number | 'self'): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
};

/**
 * Milliseconds since a process started, to a hundredth of a second: by the time that this process runs and what the
 * system has as the start of both, so that a wall clock that is set changes nothing. Undefined when there is no such
 * process, and where the platform does not tell.
 */
export const processAgeMs = (pid: number): number | undefined => {
  if (process.platform !== 'linux') return undefined;
  try {
    const older = (startTicks('self') - startTicks(pid)) * MS_PER_TICK;
    return Math.max(0, process.uptime() * 1_000 + older);
  } catch {
    return undefined;
  }
};
