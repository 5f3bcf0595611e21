import {
  closeSync,
  copyFileSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;
const KEEP = 3;
/** What this folder has of log files: of processes, turned over, and what the guardian says when it starts. */
const LOG_NAME = /^[\w-]+\.(log(\.\d+)?|out)$/;
const OUTPUT = 'guardian.out';
const HEAD_BYTES = 512;

/** The folder of log files: one for each process, written by that process itself. */
export interface LogFiles {
  pathOf(name: string): string;
  /** Runs `use` with a descriptor that appends to the file of a process, and closes it afterwards. */
  withFile<T>(name: string, use: (fd: number) => T): T;
  /** Turns over those that have grown too large. */
  rotate(names: readonly string[]): void;
  /**
   * Lets go of what was written before a time (milliseconds since 1970): files that were last written before it are
   * removed, those of processes in `names` emptied, and what began before it is turned over, to go in its turn.
   */
  expire(names: readonly string[], before: number): void;
}

/**
 * A child appends to its file directly, so that neither a stopped guardian can block it nor a dead one lose what it
 * says. The file therefore keeps its inode: it is copied and cut; lines written in between are lost.
 */
const turnOver = (path: string): void => {
  for (let n = KEEP - 1; n >= 1; n -= 1) {
    try {
      renameSync(`${path}.${n}`, `${path}.${n + 1}`);
    } catch {
      // There are not that many yet.
    }
  }
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
};

/** No file yet, or no room: the next round tries again. */
const ifPossible = (work: () => void): void => {
  try {
    work();
  } catch {
    return;
  }
};

const withDescriptor = <T>(path: string, flags: string, use: (fd: number) => T): T => {
  const fd = openSync(path, flags, 0o600);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
};

/** The time of the first line, in milliseconds since 1970; NaN where it says none. */
const begunAt = (path: string): number =>
  withDescriptor(path, 'r', (fd) => {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const head = bytes.toString('utf8', 0, readSync(fd, bytes));
    const [, text, number] = /^\{[^\n]*?"time":(?:"([^"]+)"|(\d+))/.exec(head) ?? [];
    return text === undefined ? Number(number) : Date.parse(text);
  });

export const createLogFiles = (directory: string, maxBytes = MAX_BYTES): LogFiles => {
  const pathOf = (name: string): string => join(directory, `${name}.log`);
  const expireOne = (path: string, isWritten: boolean, before: number): void => {
    const { mtimeMs, size } = statSync(path);
    const isOver = mtimeMs < before;
    if (!isWritten) {
      if (isOver) rmSync(path);
    } else if (size > 0) {
      if (isOver) truncateSync(path, 0);
      else if (begunAt(path) < before) turnOver(path);
    }
  };
  return {
    pathOf,
    withFile: (name, use) => withDescriptor(pathOf(name), 'a', use),
    rotate(names) {
      for (const name of names)
        ifPossible(() => {
          if (statSync(pathOf(name)).size > maxBytes) turnOver(pathOf(name));
        });
    },
    expire(names, before) {
      const written = new Set([...names.map((name) => `${name}.log`), OUTPUT]);
      ifPossible(() => {
        for (const file of readdirSync(directory).filter((name) => LOG_NAME.test(name)))
          ifPossible(() => expireOne(join(directory, file), written.has(file), before));
      });
    },
  };
};
