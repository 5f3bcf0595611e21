import { readFile, statfs } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo } from 'node:net';
import { cpus, freemem, networkInterfaces, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

export interface Resources {
  /** Over a fifth of a second, all cores; null where the platform does not tell. */
  readonly cpu_percent: number | null;
  readonly memory_percent: number;
  /** Of the disk that holds the home. */
  readonly disk_percent: number | null;
  /** Established TCP connections; null where the platform does not tell cheaply. */
  readonly open_connections: number | null;
}

const CPU_WINDOW_MS = 200;
const ESTABLISHED = '01';

const percent = (part: number, whole: number): number => Math.round((part / whole) * 1_000) / 10;

const cpuTimes = (): { readonly idle: number; readonly all: number } => {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, one) => sum + one.idle, 0),
    all: times.reduce((sum, one) => sum + one.user + one.nice + one.sys + one.idle + one.irq, 0),
  };
};

const measureCpu = async (): Promise<number | null> => {
  const before = cpuTimes();
  await delay(CPU_WINDOW_MS);
  const after = cpuTimes();
  const all = after.all - before.all;
  return all <= 0 ? null : percent(all - (after.idle - before.idle), all);
};

const measureDisk = async (path: string): Promise<number | null> => {
  try {
    const { blocks, bfree, bavail } = await statfs(path);
    const used = blocks - bfree;
    return used + bavail === 0 ? null : percent(used, used + bavail);
  } catch {
    return null;
  }
};

/** Column 3 of /proc/net/tcp is the state: proc(5). */
const countConnections = async (): Promise<number | null> => {
  if (process.platform !== 'linux') return null;
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'latin1').catch(() => '')),
  );
  const rows = tables.flatMap((table) => table.split('\n').slice(1));
  return rows.filter((row) => row.trim().split(/\s+/)[3] === ESTABLISHED).length;
};

export const measureResources = async (home: string): Promise<Resources> => {
  const [cpu_percent, disk_percent, open_connections] = await Promise.all([
    measureCpu(),
    measureDisk(home),
    countConnections(),
  ]);
  const memory_percent = percent(totalmem() - freemem(), totalmem());
  return { cpu_percent, memory_percent, disk_percent, open_connections };
};

/** Whether a connection over loopback can be made: tried on a port of its own. */
export const canReachLocalhost = (): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.end());
    const done = (reached: boolean): void => {
      server.close();
      resolve(reached);
    };
    server.on('error', () => resolve(false));
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 });
      const finish = (reached: boolean): void => {
        socket.destroy();
        done(reached);
      };
      socket.once('connect', () => finish(true));
      socket.once('error', () => finish(false));
      socket.once('timeout', () => finish(false));
    });
  });

export const listInterfaces = () => {
  try {
    return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ address, family, internal }) => ({ name, address, family, internal })),
    );
  } catch {
    return [];
  }
};
