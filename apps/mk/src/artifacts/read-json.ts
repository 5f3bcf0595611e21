import { readFileSync } from 'node:fs';

/** Why a JSON file could not be read. `detail` is one line. */
export interface ReadFailure {
  readonly kind: 'not_found' | 'invalid_json';
  readonly detail: string;
}

/** The value of a JSON file, or why there is none. Never throws. */
export const readJson = (
  path: string,
):
  { readonly value: unknown; readonly failure?: undefined } | { readonly failure: ReadFailure } => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`;
    return { failure: { kind: 'not_found', detail: `${path}: ${why}` } };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { failure: { kind: 'invalid_json', detail: `${path}: is not JSON` } };
  }
};

/** The object of a JSON file; undefined where there is no file, or something else in it. */
export const readObject = (path: string): Record<string, unknown> | undefined => {
  const { value } = readJson(path) as { value?: unknown };
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
};
