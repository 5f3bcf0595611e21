import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { FoundText } from '../verify/signed-document.ts';

/** Far more than any licence or ring; what is longer is not read to its end. */
const MAX_BYTES = 1024 * 1024;

export const fileExists = (path: string): boolean => existsSync(path);

/** The reason that the system gives, in a few letters: `ENOENT`, `EACCES`. */
export const systemCode = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? 'unknown error';

/** The bytes of a file, at most 1 MiB and one more. Throws what node:fs throws. */
export const readBytes = (path: string, maxBytes: number = MAX_BYTES): Buffer => {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
};

/** The text of a file of UTF-8, or why there is none. */
export const findText = (path: string): FoundText => {
  try {
    const bytes = readBytes(path);
    if (bytes.length > MAX_BYTES)
      return { problem: 'unreadable', detail: `the file is longer than ${MAX_BYTES} bytes` };
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return { problem: 'unreadable', detail: 'the file is no UTF-8' };
    if (code === 'ENOENT') return { problem: 'missing', detail: 'there is no such file' };
    return { problem: 'unreadable', detail: `the file cannot be read: ${code}` };
  }
};

/** Writes a file that nobody else may read (0600), with its folders. Throws `EEXIST` where there is one already. */
export const writeSecretFile = (path: string, bytes: Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'wx', 0o600);
  try {
    fchmodSync(file, 0o600);
    writeFileSync(file, bytes);
    fsyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
};

/** Writes a text file whole or not at all, with its folders, over the one that is there. */
export const writeTextFile = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

export const removeFile = (path: string): void => rmSync(path, { force: true });
