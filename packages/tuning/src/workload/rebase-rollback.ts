import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './kube-object.ts';

type Fields = Record<string, unknown>;

/** What a rollback may still put back. */
export interface RebasedRollback {
  /** Merge patch (RFC 7386) of the fields that still hold what was applied. Empty: nothing is left to put back. */
  readonly patch: Fields;
  /** One line for each field that somebody else has set since; the patch leaves these alone. */
  readonly conflicts: readonly string[];
}

/** The three states of one place; undefined: not there. */
interface Place {
  readonly applied: unknown;
  readonly prior: unknown;
  readonly live: unknown;
  readonly path: string;
}

const fieldOf = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** In a merge patch null says that a field is not there. */
const present = (value: unknown): unknown => (value === null ? undefined : value);

const shown = (value: unknown): string =>
  value === undefined ? 'not there' : JSON.stringify(value).slice(0, 60);

const childOf = ({ applied, prior, live, path }: Place, key: string): Place => ({
  applied: fieldOf(applied, key),
  prior: fieldOf(prior, key),
  live: fieldOf(live, key),
  path: path === '' ? key : `${path}.${key}`,
});

const areLists = (place: Place): boolean => {
  const { applied, prior, live } = place;
  return (
    Array.isArray(applied) &&
    Array.isArray(prior) &&
    Array.isArray(live) &&
    applied.length === prior.length &&
    prior.length === live.length
  );
};

/** The value that a place gets: the prior one where the apply changed it and it still holds what was applied. */
const restoredValue = (place: Place, conflicts: string[]): unknown => {
  const { applied, prior, live, path } = place;
  if (isDeepStrictEqual(applied, prior) || isDeepStrictEqual(live, prior)) return live;
  if (isDeepStrictEqual(live, applied)) return prior;
  if (areLists(place))
    return (live as unknown[]).map((element, index) =>
      restoredValue(
        {
          applied: (applied as unknown[])[index],
          prior: (prior as unknown[])[index],
          live: element,
          path: `${path}[${index}]`,
        },
        conflicts,
      ),
    );
  if (isRecord(applied) && isRecord(prior) && isRecord(live)) {
    const keys = new Set([...Object.keys(live), ...Object.keys(applied), ...Object.keys(prior)]);
    const entries = [...keys].map(
      (key) => [key, restoredValue(childOf(place, key), conflicts)] as const,
    );
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
  conflicts.push(`${path} is ${shown(live)}, it was set to ${shown(applied)}`);
  return live;
};

const restoredFields = (place: Place, conflicts: string[]): Fields => {
  const patch: Fields = {};
  for (const key of Object.keys(place.prior as Fields)) {
    const { applied, prior, live, path } = childOf(place, key);
    if (isRecord(applied) && isRecord(prior)) {
      const inner = restoredFields({ applied, prior, live, path }, conflicts);
      if (Object.keys(inner).length > 0) patch[key] = inner;
      continue;
    }
    const value = restoredValue(
      { applied: present(applied), prior: present(prior), live, path },
      conflicts,
    );
    if (!isDeepStrictEqual(value, live)) patch[key] = value ?? null;
  }
  return patch;
};

/**
 * Holds a way back against the object as it is now. `applied` is the merge patch that was applied, `prior` the one that
 * takes it back (`inversePatch`), `live` the object. A field that holds what was applied gets its prior value, one that
 * holds that already is left alone, and one that holds anything else is a conflict: it is no longer ours to put back. Lists
 * are compared element by element, and what others changed in them stays.
 */
export const rebaseRollback = (applied: Fields, prior: Fields, live: Fields): RebasedRollback => {
  const conflicts: string[] = [];
  const patch = restoredFields({ applied, prior, live, path: '' }, conflicts);
  return { patch, conflicts };
};
