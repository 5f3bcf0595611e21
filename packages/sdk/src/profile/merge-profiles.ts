import type { Mapping } from './profile-file.ts';
import { isMapping } from './profile-file.ts';

/** `over` laid on `under`: mappings merge key by key, scalars and lists replace as a whole. Neither is changed. */
export const mergeProfiles = (under: Mapping, over: Mapping): Mapping => {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMapping(below) && isMapping(value) ? mergeProfiles(below, value) : value;
  }
  return merged;
};
