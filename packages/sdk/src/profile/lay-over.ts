import type { HoldfastError, Profile } from '@holdfast/contracts';
import { profileSchema } from '@holdfast/contracts';
import { mergeProfiles } from './merge-profiles.ts';
import type { Mapping } from './profile-file.ts';
import { profileProblems } from './profile-problems.ts';

/** The name that problems of overrides give in the place of a file. */
const OVERRIDES = 'settings';

export type LaidOver =
  | { readonly ok: true; readonly profile: Profile }
  /** Each `profile_invalid` with the dotted key. */
  | { readonly ok: false; readonly problems: readonly HoldfastError[] };

/** A profile with overrides laid on it, or everything that the schema has against the result. */
export const layOver = (profile: Profile, overrides: Mapping): LaidOver => {
  const whole = mergeProfiles(profile, overrides);
  const problems = profileProblems(OVERRIDES, whole, 'whole');
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, profile: profileSchema.parse(whole) };
};
