import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { parse } from 'node:path';
import type { HostMetrics } from '@holdfast/contracts';

interface CpuTimes {
  readonly idle: number;
  readonly total: number;
}

const readCpuTimes = (): CpuTimes => {
  const times = os.cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, one) => sum + one.idle, 0);
  const total = times.reduce(
    (sum, one) => sum + one.idle + one.user + one.nice + one.sys + one.irq,
    0,
  );
  return { idle, total };
};

const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.min(100, Math.max(0, Math.round((part / whole) * 1000) / 10)) : 0;

/** The disk that the agent's own data is on: a machine that cannot write there is in trouble. */
const diskPercent = async (path: string): Promise<number> => {
  const { blocks, bfree, bavail } = await statfs(path);
  const used = blocks - bfree;
  return percent(used, used + bavail);
};

/** Reads the load now. Processor load is that since the call before, or since the reader was made. */
export const createMetricsReader = (home: string): (() => Promise<HostMetrics>) => {
  let before = readCpuTimes();
  return async () => {
    const now = readCpuTimes();
    const total = now.total - before.total;
    const busy = total - (now.idle - before.idle);
    before = now;
    const disk = await diskPercent(home).catch(() => diskPercent(parse(home).root));
    return {
      time: new Date().toISOString(),
      cpu_percent: percent(busy, total),
      memory_percent: percent(os.totalmem() - os.freemem(), os.totalmem()),
      disk_percent: disk,
      load_average: os.loadavg(),
    };
  };
};
