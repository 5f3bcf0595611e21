import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

/** Why a JSON file could not be read. `detail` is one line. */
export interface ReadFailure {
  readonly kind: 'not_found' | 'invalid_json';
  readonly detail: string;
}

/** Far more than any plan or report that is read; a device has no end. */
const MAX_BYTES = 64 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

/** The bytes of a file, undefined where there are too many. Throws what node:fs throws. */
const readBytes = (path: string): Buffer | undefined => {
  const file = openSync(path, 'r');
  try {
    let bytes = Buffer.allocUnsafe(FIRST_BYTES);
    for (let length = 0; ;) {
      const read = readSync(file, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0) return bytes.subarray(0, length);
      if (length < bytes.length) continue;
      if (length >= MAX_BYTES) return undefined;
      bytes = Buffer.concat([bytes, Buffer.allocUnsafe(length)]);
    }
  } finally {
    closeSync(file);
  }
};

/** The value of a JSON file, or why there is none. Never throws. */
export const readJson = (
  path: string,
):
  { readonly value: unknown; readonly failure?: undefined } | { readonly failure: ReadFailure } => {
  const invalid = (what: string) =>
    ({ failure: { kind: 'invalid_json', detail: `${path}: ${what}` } }) as const;
  let bytes: Buffer | undefined;
  try {
    bytes = readBytes(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`;
    return { failure: { kind: 'not_found', detail: `${path}: ${why}` } };
  }
  if (bytes === undefined) return invalid('is longer than 64 MiB');
  if (!isUtf8(bytes)) return invalid('is not UTF-8');
  try {
    return { value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return invalid('is not JSON');
  }
};

/** The object of a JSON file; undefined where there is no file, or something else in it. */
export const readObject = (path: string): Record<string, unknown> | undefined => {
  const { value } = readJson(path) as { value?: unknown };
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
};
