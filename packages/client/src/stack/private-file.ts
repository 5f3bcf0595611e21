import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StackAccessError } from './access-error.ts';

const OTHERS = 0o077;

const hasCode = (error: unknown, code: string): boolean =>
  (error as NodeJS.ErrnoException).code === code;

/** The value in a file that only its owner can read, or undefined. Throws when others can read it too. */
export const readPrivate = (path: string): unknown => {
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0)
      throw new StackAccessError(`reading ${path}: others may read it too`, {
        next: `\`chmod 600 ${path}\`, and take a new key or session if they did`,
      });
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined;
    if (cause instanceof StackAccessError) throw cause;
    throw new StackAccessError(`reading ${path}: it is not what was written there`, { cause });
  }
};

/** Writes it beside, for its owner only, and puts it in place whole. */
const place = (path: string, value: unknown, put: (from: string) => void): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(beside, 'wx', 0o600);
  try {
    writeSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    put(beside);
  } finally {
    rmSync(beside, { force: true });
  }
};

/** Replaces what is there. */
export const writePrivate = (path: string, value: unknown): void =>
  place(path, value, (from) => renameSync(from, path));

/** False, and nothing is changed, when there is one already. */
export const createPrivate = (path: string, value: unknown): boolean => {
  let created = true;
  place(path, value, (from) => {
    try {
      linkSync(from, path);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      created = false;
    }
  });
  return created;
};
