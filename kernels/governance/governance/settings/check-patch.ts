import {
  HoldfastError,
  findUnrecordable,
  isFixedKey,
  isSecurityKey,
  leafPaths,
  mappingOf,
  mayChangeKey,
  profileSchema,
  valueAt,
  type Profile,
} from '@holdfast/contracts';
import { isJson, mergePatch, withoutEmpty, type Json } from './merge-patch.ts';

const forbidden = (profile: Profile, key: string): never => {
  throw new HoldfastError('config_key_forbidden', { profile: profile.name, key });
};

const invalid = (detail: string, path?: string): HoldfastError =>
  new HoldfastError('config_patch_invalid', { detail, ...(path === undefined ? {} : { path }) });

/** A removal has to name something that the profile has: what it leaves cannot tell. */
const refuseUnknownRemovals = (profile: Profile, patch: Json): void => {
  for (const path of leafPaths(patch)) {
    if (valueAt(patch, path) !== null || valueAt(profile, path) !== undefined) continue;
    const key = path.join('.');
    throw invalid(`${key}: unknown key`, key);
  }
};

/** What the removal of a whole mapping removes, by key; every other key as it is. */
const touchedPaths = (overrides: Json, patch: Json): (readonly string[])[] =>
  leafPaths(patch).flatMap((path) => {
    const before = valueAt(overrides, path);
    if (valueAt(patch, path) !== null || !isJson(before)) return [path];
    return leafPaths(before).map((rest) => [...path, ...rest]);
  });

export interface CheckedPatch {
  readonly overrides: Json;
  /** The values of the effective profile that it replaces, as a patch. */
  readonly before: Json;
  readonly isSecurity: boolean;
}

export interface InForce {
  readonly overrides: Json;
  readonly effective: Profile;
}

/** Throws for what no check of values has to see: nothing to do, not JSON that can be recorded, and fixed keys. */
export const checkShape = (effective: Profile, patch: Json): void => {
  const paths = leafPaths(patch);
  if (paths.length === 0) throw invalid('it sets nothing');
  const unrecordable = findUnrecordable(patch);
  if (unrecordable !== undefined) throw invalid(unrecordable);
  for (const path of paths) {
    const key = path.join('.');
    if (path.includes('__proto__')) throw invalid(`${key}: unknown key`, key);
    if (isFixedKey(key)) forbidden(effective, key);
  }
  refuseUnknownRemovals(effective, patch);
};

/** What a patch (RFC 7396) makes of the overrides in force; null takes an override back. Nothing is checked. */
export const patchedOverrides = ({ overrides }: InForce, patch: Json): Json =>
  withoutEmpty(mergePatch(overrides, patch));

/** Throws config_key_forbidden for a key that the profile in force does not let be changed. */
export const checkKeys = (inForce: InForce, patch: Json): CheckedPatch => {
  const { effective, overrides } = inForce;
  const paths = touchedPaths(overrides, patch);
  for (const path of paths) {
    const key = path.join('.');
    if (!mayChangeKey(effective.config, key)) forbidden(effective, key);
  }
  return {
    overrides: patchedOverrides(inForce, patch),
    before: paths.reduce<Json>((all, path) => {
      const value = valueAt(effective, path);
      return value === undefined ? all : mergePatch(all, mappingOf(path, value));
    }, {}),
    isSecurity: paths.some((path) => isSecurityKey(effective.config, path.join('.'))),
  };
};

/** The effective profile as the guardian told it. */
export const asProfile = (effective: Json): Profile => profileSchema.parse(effective);
