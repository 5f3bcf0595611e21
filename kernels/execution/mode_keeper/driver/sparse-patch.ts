import { canonicalize } from '@holdfast/merkle';
import { inversePatch, isRecord, type KubeObject } from '@holdfast/tuning';

/**
 * A merge patch (RFC 7386) that goes into lists: an object stands for a list, its keys are indexes. So a plan holds the
 * fields that it changes and nothing else of a list: neither what may be secret nor what others change meanwhile.
 */
export type SparsePatch = Record<string, unknown>;

const indexed = (value: unknown): unknown => {
  if (Array.isArray(value))
    return Object.fromEntries(value.map((item, index) => [String(index), indexed(item)]));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, indexed(inner)]));
};

const fieldOf = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** What differs from `original`; undefined for nothing. */
const differing = (value: unknown, original: unknown): unknown => {
  if (!isRecord(value)) return value === original ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, differing(inner, fieldOf(original, key))] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

const narrow = (patch: unknown, original: unknown): unknown => {
  if (Array.isArray(patch)) return differing(indexed(patch), indexed(original)) ?? {};
  if (!isRecord(patch)) return patch;
  return Object.fromEntries(
    Object.entries(patch).map(([key, inner]) => [key, narrow(inner, fieldOf(original, key))]),
  );
};

/** A merge patch for `object` that repeats whole lists of it, as a sparse one. */
export const sparseOf = (patch: Record<string, unknown>, object: KubeObject): SparsePatch =>
  narrow(patch, object) as SparsePatch;

/** The values that `object` has where `patch` sets some, null where it has none: what takes the patch back. */
export const valuesUnder = (patch: SparsePatch, object: KubeObject): SparsePatch =>
  inversePatch(patch, indexed(object) as SparsePatch);

/** Whether `object` has exactly the values of `values`; null stands for "not there". */
export const holds = (values: SparsePatch, object: KubeObject): boolean =>
  canonicalize(valuesUnder(values, object)) === canonicalize(values);

const merged = (target: unknown, patch: unknown): unknown => {
  if (!isRecord(patch)) return patch;
  if (Array.isArray(target))
    return target.map((item, index) =>
      Object.hasOwn(patch, String(index)) ? merged(item, patch[String(index)]) : item,
    );
  const result = new Map(Object.entries(isRecord(target) ? target : {}));
  for (const [key, value] of Object.entries(patch))
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key), value));
  return Object.fromEntries(result);
};

/**
 * The merge patch that a server takes: lists whole, as they are in `object` with the changes in them. To be sent with the
 * version of `object` as its precondition.
 */
export const toMergePatch = (patch: SparsePatch, object: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(patch).map(([key, value]) => {
      const original = fieldOf(object, key);
      if (Array.isArray(original)) return [key, merged(original, value)];
      return [key, isRecord(value) ? toMergePatch(value, original) : value];
    }),
  );

const leaves = (value: unknown, path: string): [string, unknown][] =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, inner]) =>
        leaves(inner, path === '' ? key : `${path} ${key}`),
      )
    : [[path, value]];

const shown = (value: unknown): string =>
  value === null || value === undefined ? 'nothing' : JSON.stringify(value);

/** Where `object` differs from `values`, in words: `metadata annotations KEY: expected "8", got "4"`. */
export const differencesFrom = (values: SparsePatch, object: KubeObject): string[] => {
  const actual = new Map(leaves(valuesUnder(values, object), ''));
  return leaves(values, '').flatMap(([path, wanted]) => {
    const got = actual.get(path);
    if (canonicalize(got ?? null) === canonicalize(wanted)) return [];
    return [`${path}: expected ${shown(wanted)}, got ${shown(got)}`.slice(0, 1000)];
  });
};
