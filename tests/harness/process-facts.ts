import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Whether the process runs. A zombie waits for its parent only: it runs no more. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const LISTEN = '0A';

/** Inodes of the sockets that listen on a port, from /proc/net/tcp and tcp6. */
const listeningInodes = (port: number): Set<string> => {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hex}`) && fields[3] === LISTEN) inodes.add(fields[9]!);
    }
  return inodes;
};

/** Whether this process has the listening socket of that port open (Linux). */
export const holdsListener = (pid: number, port: number): boolean => {
  const inodes = listeningInodes(port);
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode !== undefined && inodes.has(inode);
    } catch {
      return false;
    }
  });
};

export const canReadProc = process.platform === 'linux';
