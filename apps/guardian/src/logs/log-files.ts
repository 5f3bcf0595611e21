import { closeSync, copyFileSync, openSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;
const KEEP = 3;

/** The folder of log files: one for each process, written by that process itself. */
export interface LogFiles {
  pathOf(name: string): string;
  /** Runs `use` with a descriptor that appends to the file of a process, and closes it afterwards. */
  withFile<T>(name: string, use: (fd: number) => T): T;
  /** Turns over those that have grown too large. */
  rotate(names: readonly string[]): void;
}

/**
 * A child appends to its file directly, so that neither a stopped guardian can block it nor a dead one lose what it
 * says. The file therefore keeps its inode: it is copied and cut; lines written in between are lost.
 */
const rotateOne = (path: string, maxBytes: number): void => {
  try {
    if (statSync(path).size <= maxBytes) return;
    for (let n = KEEP - 1; n >= 1; n -= 1) {
      try {
        renameSync(`${path}.${n}`, `${path}.${n + 1}`);
      } catch {
        // There are not that many yet.
      }
    }
    copyFileSync(path, `${path}.1`);
    truncateSync(path, 0);
  } catch {
    // No file yet, or no room: the next round tries again.
  }
};

export const createLogFiles = (directory: string, maxBytes = MAX_BYTES): LogFiles => {
  const pathOf = (name: string): string => join(directory, `${name}.log`);
  return {
    pathOf,
    withFile(name, use) {
      const fd = openSync(pathOf(name), 'a', 0o600);
      try {
        return use(fd);
      } finally {
        closeSync(fd);
      }
    },
    rotate(names) {
      for (const name of names) rotateOne(pathOf(name), maxBytes);
    },
  };
};
