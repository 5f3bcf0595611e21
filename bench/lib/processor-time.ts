import { readFileSync } from 'node:fs';

const MS_A_TICK = 10;

/** Fields 14 to 17 of proc(5): user and system time of a process and of its children that have ended, in ticks. */
const ticksOf = (pid: number): readonly number[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
};

/** Processor time of a process so far, in ms, in steps of 10. */
export const cpuMs = (pid: number): number => {
  const [user = 0, system = 0] = ticksOf(pid);
  return (user + system) * MS_A_TICK;
};

/** The same of a process with all its children, also those that have ended. */
export const familyCpuMs = (pid: number): number => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  const alive = children.map(Number).filter((child) => child > 0);
  const own = ticksOf(pid).reduce((sum, ticks) => sum + ticks, 0) * MS_A_TICK;
  return own + alive.reduce((sum, child) => sum + cpuMsIfAlive(child), 0);
};

const cpuMsIfAlive = (pid: number): number => {
  try {
    return cpuMs(pid);
  } catch {
    return 0;
  }
};

/** Runs a work; answers its result, how long it took, and the processor time of this process meanwhile. */
export const timed = async <T>(
  work: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly wallMs: number; readonly cpuMs: number }> => {
  const before = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { result, wallMs, cpuMs: (user + system) / 1_000 };
};
