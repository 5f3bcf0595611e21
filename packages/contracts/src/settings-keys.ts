import type { Profile } from './records/profile.ts';

/** Keys that say what a profile is and what may be changed in it: no change of settings reaches them. */
export const FIXED_KEYS = ['name', 'inherits', 'description', 'config'] as const;

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where everything is that a mapping sets; an empty mapping, a list and null are values. */
export const leafPaths = (value: Mapping, above: readonly string[] = []): (readonly string[])[] =>
  Object.entries(value).flatMap(([key, inner]) => {
    const path = [...above, key];
    return isMapping(inner) && Object.keys(inner).length > 0 ? leafPaths(inner, path) : [path];
  });

/** What lies at a path; undefined where there is nothing. */
export const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (isMapping(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );

/** A mapping with one value at a path. */
export const mappingOf = (path: readonly string[], value: unknown): Mapping =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Mapping;

/** The same as dotted keys. */
export const leafKeys = (value: Mapping): string[] =>
  leafPaths(value).map((path) => path.join('.'));

/** The stem of a pattern: `a` for `a` and for `a.*`; undefined for `*`. */
const stemOf = (pattern: string): string | undefined =>
  pattern === '*' ? undefined : pattern.replace(/\.\*$/, '');

const isBelow = (path: string, stem: string): boolean => path.startsWith(`${stem}.`);

/** Whether a pattern names a key or something above it. `a` covers `a` and `a.b`, `a.*` only what is below `a`. */
export const coversKey = (pattern: string, path: string): boolean => {
  const stem = stemOf(pattern);
  return stem === undefined || isBelow(path, stem) || (stem === path && pattern === path);
};

/** Whether a key has anything of what a pattern names in it: `gate` touches `gate.*`. */
export const touchesKey = (pattern: string, path: string): boolean => {
  const stem = stemOf(pattern);
  return stem === undefined || stem === path || isBelow(path, stem) || isBelow(stem, path);
};

export const isFixedKey = (path: string): boolean =>
  FIXED_KEYS.some((key) => touchesKey(key, path));

export const isSecurityKey = ({ security_keys }: Profile['config'], path: string): boolean =>
  security_keys.some((pattern) => touchesKey(pattern, path));

/** Whether the configurator may change this key under these rules of a profile. */
export const mayChangeKey = (rules: Profile['config'], path: string): boolean =>
  !isFixedKey(path) &&
  rules.allow.some((pattern) => coversKey(pattern, path)) &&
  (rules.security || !isSecurityKey(rules, path));
