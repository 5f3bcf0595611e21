import {
  HoldfastError,
  isHoldfastError,
  type ActiveConfig,
  type Profile,
} from '@holdfast/contracts';
import { loadProfile } from '@holdfast/sdk/profile';
import { plainConfig, readActive } from './active-file.ts';
import { carryOver } from './carry-over.ts';
import { effectiveProfile } from './effective-profile.ts';
import { settingsRevision } from './settings-revision.ts';

/** The settings with which a stack starts. */
export interface SettledSettings {
  readonly active: ActiveConfig;
  readonly profile: Profile;
  /** Overrides that another profile than before does not take, by key. */
  readonly dropped: readonly string[];
  /** It is not what is on disk. */
  readonly changed: boolean;
}

const DEFAULT_PROFILE = 'user';

const switchSettings = async (
  profilesDir: string,
  before: ActiveConfig,
  to: string,
): Promise<SettledSettings> => {
  const files = await loadProfile(profilesDir, to);
  if (files.name === before.profile) {
    const { effective } = await effectiveProfile(profilesDir, to, before.overrides);
    return { active: before, profile: effective, dropped: [], changed: false };
  }
  const { overrides, dropped } = carryOver(files, before.overrides);
  const { effective } = await effectiveProfile(profilesDir, to, overrides);
  const revision = settingsRevision(files.name, overrides);
  const active = { profile: files.name, overrides, revision, change: null };
  return { active, profile: effective, dropped, changed: true };
};

const asStartRefusal = (error: unknown): never => {
  if (!isHoldfastError(error, 'config_patch_invalid')) throw error;
  const detail = `configs/active.json: ${String(error.details['detail'])}`;
  throw new HoldfastError('config_invalid', { kernel: 'guardian', detail }, { cause: error });
};

/**
 * What is to be in force: what lies in `configs/active.json`, the profile `first` where nothing does, switched to the
 * profile that was asked for by name; what that one does not let be set, or what does not fit it, is dropped. Throws
 * profile_*, or config_invalid naming the file when it is not what was written there or does not fit its profile.
 */
export const settleSettings = async (
  profilesDir: string,
  home: string,
  asked: string | undefined,
  first = DEFAULT_PROFILE,
): Promise<SettledSettings> => {
  const found = await readActive(home);
  const before = found ?? plainConfig(first);
  const to = asked ?? before.profile;
  return switchSettings(profilesDir, before, to).catch(asStartRefusal);
};
