import { leafPaths, mappingOf, mayChangeKey, valueAt, type Profile } from '@holdfast/contracts';
import { mergeProfiles, type Mapping } from '@holdfast/sdk/profile';
import { fits } from './effective-profile.ts';

export interface CarriedOver {
  readonly overrides: Mapping;
  /** What was left out, by its dotted key. */
  readonly dropped: readonly string[];
}

/** Of overrides that were made for another profile those that this one lets be set, and that fit its files. */
export const carryOver = (files: Profile, overrides: Mapping): CarriedOver => {
  let kept: Mapping = {};
  const dropped: string[] = [];
  for (const path of leafPaths(overrides)) {
    const key = path.join('.');
    const next = mergeProfiles(kept, mappingOf(path, valueAt(overrides, path)));
    if (mayChangeKey(files.config, key) && fits(files, next)) kept = next;
    else dropped.push(key);
  }
  return { overrides: kept, dropped };
};
