type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Within a history a text is parsed once, and values travel between processes as they are, because to copy them took a
 * quarter of the time. So nobody may change what they were given or gave away: `watchSharing` freezes all of it, and
 * whoever writes to it then is found; a test runs histories that way.
 */
const known = new Map<string, unknown>();
const realParse = JSON.parse;
const realStringify = JSON.stringify;
let isSharing = false;
let isWatched = false;

export const watchSharing = (): void => {
  isWatched = true;
};

const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(freeze);
  return Object.freeze(value);
};

const parse = (text: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown => {
  if (!isSharing || reviver !== undefined) return realParse(text, reviver) as unknown;
  const found = known.get(text);
  if (found !== undefined) return found;
  const value = realParse(text) as unknown;
  if (typeof value !== 'object' || value === null) return value;
  known.set(text, isWatched ? freeze(value) : value);
  return value;
};

/** What was written down is read as it was given when it says the same: nothing of it is left out in the text. */
const stringify = (value: unknown, ...more: unknown[]): string | undefined => {
  const text = realStringify(value, ...(more as [])) as string | undefined;
  if (!isSharing || more.length > 0 || text === undefined) return text;
  if (typeof value !== 'object' || value === null || known.has(text)) return text;
  if (plainOf(value) === value) known.set(text, isWatched ? freeze(value) : value);
  return text;
};

/** From here on until `endSharing` texts are parsed once. */
export const beginSharing = (): void => {
  isSharing = true;
};
export const endSharing = (): void => {
  isSharing = false;
  known.clear();
};

/** Replaces JSON.parse and JSON.stringify of this thread. */
export const installSharedJson = (): void => {
  JSON.parse = parse;
  JSON.stringify = stringify as typeof JSON.stringify;
};

const listAsJson = (list: readonly unknown[]): readonly unknown[] => {
  let copy: unknown[] | undefined;
  for (let at = 0; at < list.length; at += 1) {
    const item = list[at];
    const plain = plainOf(item) ?? null;
    if (plain === item) continue;
    copy ??= [...list];
    copy[at] = plain;
  }
  return copy ?? list;
};

const plainOf = (value: unknown): unknown => {
  if (typeof value === 'object') {
    if (value === null) return null;
    if (Array.isArray(value)) return listAsJson(value);
    const given = value as { toJSON?: (key: string) => unknown; [key: string]: unknown };
    if (typeof given.toJSON === 'function') return plainOf(given.toJSON(''));
    const keys = Object.keys(given);
    let copy: Record<string, unknown> | undefined;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at]!;
      const item = given[key];
      const plain = plainOf(item);
      if (!copy && (plain !== item || plain === undefined)) {
        copy = {};
        for (const before of keys.slice(0, at)) copy[before] = given[before];
      }
      if (copy && plain !== undefined) copy[key] = plain;
    }
    return copy ?? given;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') throw new TypeError('a bigint has no JSON');
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
};

/** What arrives when this value is sent as JSON: itself, or what is left of it. Nothing arrives as null. */
export const asSent = (value: unknown): Json => {
  const plain = (plainOf(value) ?? null) as Json;
  return isWatched ? freeze(plain) : plain;
};
