import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * One process for as long as it lives: a pid alone comes back to another process, a pid with its start time does not.
 * `startTime` is opaque and only ever compared: boot id and clock ticks on Linux, the start as text elsewhere.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** How `terminate` left it: already away, ended by SIGTERM, ended by SIGKILL, or still there (no permission). */
export type Termination = 'gone' | 'terminated' | 'killed' | 'survived';

const run = promisify(execFile);
const POLL_MS = 20;
const KILL_WAIT_MS = 5_000;

/** The part of /proc/PID/stat after the command name, which itself may hold blanks and parentheses: proc(5). */
const readStat = async (pid: number): Promise<readonly string[] | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .trimEnd()
      .split(' ');
  } catch (error) {
    // Only this says that there is no such process; without a free descriptor nothing can be said.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

let bootId: Promise<string> | undefined;
const readBootId = (): Promise<string> =>
  (bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'latin1').then((text) => text.trim()));

/**
 * Field 3 is the state, 20 the number of threads, 22 the start in ticks since boot: proc(5). A dead process (Z or X) is
 * gone only with its last thread: until then it holds its sockets.
 */
const linuxStart = async (pid: number): Promise<string | undefined> => {
  const fields = await readStat(pid);
  const [state, threads, ticks] = [fields?.[0], fields?.[17], fields?.[19]];
  if (state === undefined || ticks === undefined) return undefined;
  if ('ZX'.includes(state) && Number(threads) <= 1) return undefined;
  return `${await readBootId()}:${ticks}`;
};

const darwinStart = async (pid: number): Promise<string | undefined> => {
  const { stdout } = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  const [state = '', ...start] = stdout.trim().split(/\s+/);
  return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
};

const windowsStart = async (pid: number): Promise<string | undefined> => {
  const query = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CreationDate.ToUniversalTime().Ticks`;
  const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-c', query], {
    windowsHide: true,
  });
  return stdout.trim() || undefined;
};

const startOf = async (pid: number): Promise<string | undefined> => {
  if (process.platform === 'linux') return linuxStart(pid);
  try {
    return await (process.platform === 'win32' ? windowsStart(pid) : darwinStart(pid));
  } catch {
    return undefined;
  }
};

/** Identity of a living process; undefined when there is none of that pid. A zombie counts as gone. */
export const identifyProcess = async (pid: number): Promise<ProcessIdentity | undefined> => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const startTime = await startOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
};

/** Rejects when the system cannot tell for the moment. */
const isCertainlySame = async (identity: ProcessIdentity): Promise<boolean> =>
  (await identifyProcess(identity.pid))?.startTime === identity.startTime;

/**
 * Whether the process that was identified then is the one that lives now. When the system cannot tell for the moment it
 * counts as living: nothing is started in its place.
 */
export const isSameProcess = async (identity: ProcessIdentity): Promise<boolean> => {
  try {
    return await isCertainlySame(identity);
  } catch {
    return true;
  }
};

/** Whether the process is held by SIGSTOP; false where the platform does not tell cheaply. */
export const isStopped = async (pid: number): Promise<boolean> =>
  process.platform === 'linux' && (await readStat(pid).catch(() => undefined))?.[0] === 'T';

const signal = (pid: number, name: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(pid, name);
  } catch {
    // Gone in between, or not ours to signal: the caller looks again in either case.
  }
};

const goneWithin = async (identity: ProcessIdentity, ms: number): Promise<boolean> => {
  const end = performance.now() + ms;
  while (await isCertainlySame(identity)) {
    if (performance.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
};

/**
 * Ends one process: SIGTERM, and after `graceMs` SIGKILL, each only while the pid still belongs to the identified
 * process. Resolves when it is gone, or after five more seconds with `survived`.
 */
export const terminate = async (
  identity: ProcessIdentity,
  options: { readonly graceMs: number },
): Promise<Termination> => {
  try {
    if (!(await isCertainlySame(identity))) return 'gone';
    if (options.graceMs > 0) {
      signal(identity.pid, 'SIGTERM');
      if (await goneWithin(identity, options.graceMs)) return 'terminated';
    }
    signal(identity.pid, 'SIGKILL');
    return (await goneWithin(identity, KILL_WAIT_MS)) ? 'killed' : 'survived';
  } catch {
    // Nobody is signalled on a guess.
    return 'survived';
  }
};
