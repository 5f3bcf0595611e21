import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import type { SkipReason } from '@holdfast/contracts';
import { isSecretName } from './secret-files.ts';

export interface FileStamp {
  readonly size: number;
  readonly mtime_us: number;
}

export type Looked<T> = { readonly ok: true; readonly value: T } | Skipped;
export interface Skipped {
  readonly ok: false;
  readonly reason: SkipReason;
}

const skip = (reason: SkipReason): Skipped => ({ ok: false, reason });

/** How much of a file tells whether it is binary. */
const SNIFF_BYTES = 8192;

/** Size and time of change, if the file is one that may be read. Never opens it. */
export const stampOf = async (path: string, maxBytes: number): Promise<Looked<FileStamp>> => {
  if (isSecretName(path)) return skip('secret');
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return skip('unreadable');
  if (stat.isSymbolicLink()) return skip('symbolic link');
  if (!stat.isFile()) return skip('not a regular file');
  if (stat.size > maxBytes) return skip('too large');
  return { ok: true, value: { size: stat.size, mtime_us: Math.trunc(stat.mtimeMs * 1000) } };
};

const readSome = async (file: FileHandle, from: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
};

const isBinary = (head: Buffer): boolean =>
  head.includes(0) && !(head[0] === 0xff && head[1] === 0xfe);

const readOpened = async (
  file: FileHandle,
  maxBytes: number,
  binaryToo: boolean,
): Promise<Looked<Buffer>> => {
  const stat = await file.stat();
  if (!stat.isFile()) return skip('not a regular file');
  if (stat.size > maxBytes) return skip('too large');
  const head = await readSome(file, 0, Math.min(stat.size, SNIFF_BYTES));
  if (!binaryToo && isBinary(head)) return skip('binary');
  const rest = await readSome(file, head.length, stat.size - head.length);
  return { ok: true, value: Buffer.concat([head, rest]) };
};

/** The bytes of a file. A link put in its place meanwhile is refused, a pipe does not block. */
export const readBytes = async (
  path: string,
  maxBytes: number,
  binaryToo: boolean,
): Promise<Looked<Buffer>> => {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return skip('unreadable');
  try {
    return await readOpened(file, maxBytes, binaryToo);
  } catch {
    return skip('unreadable');
  } finally {
    await file.close();
  }
};

/** Text in UTF-8, or in UTF-16 with its mark in front; undefined for anything else. */
export const decodeText = (bytes: Buffer): string | undefined => {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
