import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makePrivateDirectory } from '../home/private-file.ts';
import { readLines } from './read-lines.ts';

/** A file of lines that only grows, or is replaced as a whole. One writer, one call at a time. */
export interface JournalFile {
  /** Bytes that are known to be whole lines on disk. */
  readonly size: number;
  /** Reads what is there; a file that cannot be read is moved aside, never overwritten. */
  load(take: (line: string) => void): Promise<void>;
  /** Resolves when the text is on disk; rejects when it is not, and then no part of it will be read later. */
  append(text: string): Promise<void>;
  replace(lines: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}

const MODE = 0o600;

/** The file no longer holds what was written to it: somebody cut or removed it. Only `replace` helps. */
export class LostLinesError extends Error {
  constructor(path: string) {
    super(`writing ${path}: somebody cut or removed it`);
    this.name = 'LostLinesError';
  }
}

const syncDirectory = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
};

const writeSynced = async (path: string, content: Buffer): Promise<void> => {
  const file = await open(path, 'w', MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
};

export const createJournalFile = (path: string): JournalFile => {
  const folder = dirname(path);
  let size = 0;
  let file: FileHandle | undefined;
  let unreadable = false;

  const moveAside = async (): Promise<void> => {
    if (!unreadable) return;
    await rename(path, `${path}.unreadable-${Date.now()}`);
    unreadable = false;
  };
  /** Cuts off what an append that failed, or a guardian that died, left behind the last whole line. */
  const opened = async (): Promise<FileHandle> => {
    if (file !== undefined) return file;
    await moveAside();
    await makePrivateDirectory(folder);
    const next = await open(path, 'a', MODE);
    try {
      const found = (await next.stat()).size;
      if (found < size) throw new LostLinesError(path);
      if (found > size) await next.truncate(size);
      if (found === 0) await syncDirectory(folder);
    } catch (error) {
      await next.close();
      throw error;
    }
    file = next;
    return next;
  };
  const close = async (): Promise<void> => {
    const old = file;
    file = undefined;
    await old?.close().catch(() => {});
  };

  return {
    get size() {
      return size;
    },
    async load(take) {
      try {
        const old = await open(path, 'r');
        size = await readLines(old, take).finally(() => old.close());
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        size = 0;
        unreadable = true;
        await moveAside();
      }
    },
    async append(text) {
      try {
        const target = await opened();
        await target.appendFile(text);
        await target.datasync();
        if ((await target.stat()).nlink === 0) throw new LostLinesError(path);
        size += Buffer.byteLength(text);
      } catch (error) {
        await close();
        throw error;
      }
    },
    async replace(lines) {
      const temporary = join(folder, `.${basename(path)}.next`);
      // Before anything is awaited: the lines are those of now.
      const text = Buffer.from([...lines, ''].join('\n'));
      await moveAside();
      await makePrivateDirectory(folder);
      try {
        await writeSynced(temporary, text);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await close();
      await rename(temporary, path);
      size = text.length;
      await syncDirectory(folder);
    },
    close,
  };
};
