import { createHash } from 'node:crypto';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** SHA-256 (hex) of a JSON value in canonical form (RFC 8785): members by UTF-16 code unit, nothing between tokens. */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');

/** The name of what is laid over the profile files. */
export const settingsRevision = (
  profile: string,
  overrides: Readonly<Record<string, unknown>>,
): string => digestOf({ profile, overrides });
