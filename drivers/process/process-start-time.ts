import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

/** Field 22 of /proc/PID/stat (proc(5)); the command name before it may hold spaces and brackets. */
const fromProc = async (pid: number): Promise<string | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return afterName[19];
};

const fromPs = async (pid: number): Promise<string | undefined> => {
  const { stdout } = await execFileAsync('ps', ['-o', 'lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  return stdout.trim() || undefined;
};

/**
 * When a process started, as the system writes it: with the pid it names one process for good. Clock ticks since
 * boot on Linux, a date on other systems; undefined when there is no such process.
 */
export const processStartTime = async (pid: number): Promise<string | undefined> => {
  try {
    return process.platform === 'linux' ? await fromProc(pid) : await fromPs(pid);
  } catch {
    return undefined;
  }
};
