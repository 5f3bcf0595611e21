import type { Profile } from '@holdfast/contracts';
import { HoldfastError, PROFILE_ALIASES, profileSchema } from '@holdfast/contracts';
import { joinProblems } from './join-problems.ts';
import { mergeProfiles } from './merge-profiles.ts';
import type { Mapping, ProfileFile } from './profile-file.ts';
import { readProfileFiles } from './profile-file.ts';
import { profileProblems } from './profile-problems.ts';

const ROOT = 'base';

/** Finds a file by its key, by the name that it declares, or by an alias of either. */
const find = (files: readonly ProfileFile[], wanted: string): ProfileFile | undefined => {
  const name = wanted.toLowerCase();
  const canonical = Object.hasOwn(PROFILE_ALIASES, name) ? PROFILE_ALIASES[name] : name;
  return (
    files.find((one) => one.key === name) ??
    files.find((one) => one.content['name'] === name) ??
    files.find((one) => one.key === canonical) ??
    files.find((one) => one.content['name'] === canonical)
  );
};

interface Chain {
  /** The profile itself first, its remotest ancestor last. */
  readonly files: readonly ProfileFile[];
  readonly problems: readonly HoldfastError[];
}

const followParents = (all: readonly ProfileFile[], leaf: ProfileFile): Chain => {
  const files = [leaf];
  for (let current = leaf; ;) {
    const parent = current.content['inherits'];
    if (typeof parent !== 'string') return { files, problems: [] };
    const { file } = current;
    const next = find(all, parent);
    if (next === undefined) {
      return { files, problems: [new HoldfastError('profile_parent_missing', { file, parent })] };
    }
    if (files.includes(next)) {
      const chain = [...files, next].map((one) => one.key).join(' -> ');
      return { files, problems: [new HoldfastError('profile_cycle', { file, chain })] };
    }
    files.push(next);
    current = next;
  }
};

const throwAny = (problems: readonly HoldfastError[]): void => {
  const [first, ...rest] = problems;
  if (first !== undefined) throw joinProblems([first, ...rest]);
};

/**
 * Loads the profile that a user asked for by name, file key or alias from a folder of `kernel.<key>.yaml` files, with
 * nothing left to inherit. Throws profile_unknown, profile_parent_missing, profile_cycle or profile_invalid; every
 * problem of every file in the chain is in the one error. `base` is only there to be inherited from.
 */
export const loadProfile = async (directory: string, requested: string): Promise<Profile> => {
  const all = await readProfileFiles(directory);
  const leaf = find(all, requested);
  if (leaf === undefined || leaf.key === ROOT) {
    const known = all.flatMap((one) => (one.key === ROOT ? [] : [one.key])).join(', ') || 'none';
    throw new HoldfastError('profile_unknown', { name: requested, known });
  }
  const chain = followParents(all, leaf);
  throwAny([...chain.files.flatMap((one) => one.problems), ...chain.problems]);
  const merged = chain.files.reduceRight<Mapping>(
    (under, one) => mergeProfiles(under, one.content),
    {},
  );
  const { inherits: _, ...whole } = merged;
  throwAny(profileProblems(leaf.file, whole, 'whole'));
  return profileSchema.parse(whole);
};
