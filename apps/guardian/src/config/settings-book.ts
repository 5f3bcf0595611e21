import {
  HoldfastError,
  type ActiveConfig,
  type ProcessName,
  type Profile,
} from '@holdfast/contracts';
import { writeActive } from './active-file.ts';
import { settingsOf } from './concerns.ts';
import { effectiveProfile } from './effective-profile.ts';
import { settingsRevision } from './settings-revision.ts';

interface Wanted {
  readonly profile: string;
  readonly overrides: Readonly<Record<string, unknown>>;
}

interface Checked {
  readonly name: string;
  readonly revision: string;
  readonly effective: Profile;
}

/** The settings in force: what is on disk, and what every process is told that starts from now on. */
export interface SettingsBook {
  readonly active: ActiveConfig;
  readonly profile: Profile;
  /** What a process is to be started with. */
  settingsOf(name: ProcessName | 'guardian'): string;
  /** The effective profile as it would be. Throws config_patch_invalid or profile_*; changes nothing. */
  check(wanted: Wanted): Promise<Checked>;
  /** Durable when it resolves; answers whether anything is different from before. Throws as `check`. */
  put(wanted: Wanted & { readonly change: string }): Promise<boolean>;
}

interface Options {
  readonly profilesDir: string;
  readonly home: string;
  readonly active: ActiveConfig;
  readonly profile: Profile;
}

const keepsSocket = (before: Profile, after: Profile): void => {
  const { bind_address } = before.security;
  if (after.security.bind_address === bind_address) return;
  const path = 'security.bind_address';
  const detail = `${path}: it is ${bind_address} while the stack runs, that takes down and up`;
  throw new HoldfastError('config_patch_invalid', { detail, path });
};

export const createSettingsBook = ({ profilesDir, home, ...start }: Options): SettingsBook => {
  let { active, profile } = start;
  let last: Promise<unknown> = Promise.resolve();

  const check = async (wanted: Wanted): Promise<Checked> => {
    const { files, effective } = await effectiveProfile(
      profilesDir,
      wanted.profile,
      wanted.overrides,
    );
    keepsSocket(profile, effective);
    const revision = settingsRevision(files.name, wanted.overrides);
    return { name: files.name, revision, effective };
  };

  const putNow: SettingsBook['put'] = async (wanted) => {
    const { name, revision, effective } = await check(wanted);
    const { change, overrides } = wanted;
    if (active.revision === revision && active.change === change) return false;
    const next = { profile: name, overrides, revision, change };
    await writeActive(home, next);
    active = next;
    profile = effective;
    return true;
  };

  return {
    get active() {
      return active;
    },
    get profile() {
      return profile;
    },
    settingsOf: (name) => settingsOf(name, profile),
    check,
    put(wanted) {
      const done = last.then(() => putNow(wanted));
      last = done.catch(() => {});
      return done;
    },
  };
};
