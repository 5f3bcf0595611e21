import { readFile, readdir, readlink } from 'node:fs/promises';

/** Who listens on a port. `pid` is undefined when the owner belongs to somebody else and cannot be looked into. */
export interface PortOwner {
  readonly pid?: number;
  /** Short command name; never the command line, which may hold secrets. */
  readonly command?: string;
  readonly uid?: number;
}

interface Listener {
  readonly inode: string;
  readonly uid: number;
}

const LISTEN = '0A';

/** Rows of /proc/net/tcp: local address is HEX:PORT, column 3 the state, 7 the uid, 9 the inode: proc(5). */
const listenersOf = async (port: number): Promise<Listener[]> => {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'latin1').catch(() => '')),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row[3] === LISTEN && row[1]?.endsWith(suffix))
    .map((row) => ({ inode: row[9] ?? '', uid: Number(row[7]) }));
};

const hasSocket = async (pid: string, inodes: ReadonlySet<string>): Promise<boolean> => {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const fd of fds) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (inodes.has(target)) return true;
  }
  return false;
};

/** Looks up who listens on a TCP port of this machine; undefined when nobody does or the platform does not tell. */
export const ownerOfPort = async (port: number): Promise<PortOwner | undefined> => {
  if (process.platform !== 'linux') return undefined;
  const listeners = await listenersOf(port);
  const first = listeners[0];
  if (first === undefined) return undefined;
  const inodes = new Set(listeners.map((one) => `socket:[${one.inode}]`));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (!(await hasSocket(pid, inodes))) continue;
    const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    return { pid: Number(pid), command: command.trim() || undefined, uid: first.uid };
  }
  return { uid: first.uid };
};

/** The owner in words, for a refusal. */
export const describeOwner = (owner: PortOwner | undefined): string => {
  if (owner === undefined) return 'held by another process';
  if (owner.pid === undefined) {
    return `held by a process of user id ${owner.uid} that this user may not look into`;
  }
  return `held by ${owner.command ?? 'a process'} (pid ${owner.pid})`;
};
