import {
  HoldfastError,
  type ActiveConfig,
  type ProcessName,
  type Profile,
} from '@holdfast/contracts';
import { loadProfile, type Mapping } from '@holdfast/sdk/profile';
import { writeActive } from './active-file.ts';
import { carryOver, type CarriedOver } from './carry-over.ts';
import { settingsOf } from './concerns.ts';
import { effectiveProfile } from './effective-profile.ts';
import { settingsRevision } from './settings-revision.ts';

interface Wanted {
  readonly profile: string;
  readonly overrides: Mapping;
}

interface Checked extends CarriedOver {
  readonly name: string;
  readonly revision: string;
  readonly effective: Profile;
}

interface Put extends Wanted {
  readonly change: string;
  readonly expected_revision: string;
}

/** The settings in force: what is on disk, and what every process is told that starts from now on. */
export interface SettingsBook {
  readonly active: ActiveConfig;
  readonly profile: Profile;
  /** What a process is to be started with. */
  settingsOf(name: ProcessName | 'guardian'): string;
  /** The effective profile as it would be. Throws config_patch_invalid or profile_*; changes nothing. */
  check(wanted: Wanted): Promise<Checked>;
  /** The same for overrides of another profile: what this one does not take is left out of them. */
  checkCarriedOver(wanted: Wanted): Promise<Checked>;
  /**
   * Durable when it resolves; answers whether anything is different from before. Throws as `check`, and plan_stale while
   * other settings are in force than were expected.
   */
  put(wanted: Put): Promise<boolean>;
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
    return { name: files.name, revision, effective, overrides: wanted.overrides, dropped: [] };
  };

  const checkCarriedOver = async ({ profile: to, overrides }: Wanted): Promise<Checked> => {
    const carried = carryOver(await loadProfile(profilesDir, to), overrides);
    const checked = await check({ profile: to, overrides: carried.overrides });
    return { ...checked, dropped: carried.dropped };
  };

  const putNow: SettingsBook['put'] = async (wanted) => {
    const { name, revision, effective } = await check(wanted);
    const { change, overrides, expected_revision } = wanted;
    if (active.revision !== expected_revision && active.revision !== revision)
      throw new HoldfastError('plan_stale', { expected_revision, revision: active.revision });
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
    checkCarriedOver,
    put(wanted) {
      const done = last.then(() => putNow(wanted));
      last = done.catch(() => {});
      return done;
    },
  };
};
