import { HoldfastError, leafPaths, type ActiveConfig } from '@holdfast/contracts';
import type { GovernanceContext } from '../context.ts';
import { asProfile, checkKeys, checkShape, patchedOverrides, type InForce } from './check-patch.ts';
import { withoutEmpty, type Json } from './merge-patch.ts';
import type { SettingsIntent } from './settings-intent.ts';

export type Guardian = Pick<
  GovernanceContext['needs']['guardian'],
  'getActiveConfig' | 'checkConfig' | 'putConfig' | 'getGuardianStatus'
>;

/** Settings that say whose approval counts. */
const COVENANT = /^(gate\.classes|identity)(\.|$)/;

/** What an intent comes to in the settings as they are. */
export interface Wanted {
  readonly active: ActiveConfig;
  readonly profile: string;
  readonly overrides: Json;
  readonly revision: string;
  /** As a patch: what is set, and what it replaces. */
  readonly patch: Json;
  readonly before: Json;
  readonly isSecurity: boolean;
  /** It changes the rules by which changes are judged. */
  readonly isCovenant: boolean;
  /** Overrides that the wanted profile does not take, by key. */
  readonly dropped: readonly string[];
}

const current = async (
  guardian: Guardian,
  signal: AbortSignal,
): Promise<InForce & { readonly active: ActiveConfig }> => {
  const { active, effective } = await guardian.getActiveConfig({}, { signal });
  return { active, overrides: active.overrides, effective: asProfile(effective) };
};

const refuseStale = (active: ActiveConfig, base: string | undefined): void => {
  if (base !== undefined && base !== active.revision)
    throw new HoldfastError('plan_stale', { base_revision: base, revision: active.revision });
};

/**
 * Checks an intent against the settings in force; changes nothing. Throws config_patch_invalid, config_key_forbidden,
 * profile_unknown, or plan_stale when it was made for other settings.
 */
export const wantedSettings = async (
  guardian: Guardian,
  intent: SettingsIntent,
  signal: AbortSignal,
): Promise<Wanted> => {
  const now = await current(guardian, signal);
  const { active, effective } = now;
  refuseStale(active, intent.base_revision);
  if ('patch' in intent) {
    const patch = withoutEmpty(intent.patch);
    checkShape(effective, patch);
    const { profile } = active;
    const overrides = patchedOverrides(now, patch);
    const { revision } = await guardian.checkConfig({ profile, overrides }, { signal });
    const { before, isSecurity } = checkKeys(now, patch);
    const isCovenant = leafPaths(patch).some((path) => COVENANT.test(path.join('.')));
    return {
      active,
      profile,
      overrides,
      revision,
      patch,
      before,
      isSecurity,
      isCovenant,
      dropped: [],
    };
  }
  const { overrides } = active;
  const to = { profile: intent.profile, overrides, carry_over: true };
  const carried = await guardian.checkConfig(to, { signal });
  const { name: profile } = asProfile(carried.effective);
  const isSame = profile === active.profile;
  return {
    active,
    profile,
    overrides: isSame ? overrides : carried.overrides,
    revision: isSame ? active.revision : carried.revision,
    patch: { name: profile },
    before: { name: active.profile },
    isSecurity: true,
    isCovenant: true,
    dropped: isSame ? [] : carried.dropped,
  };
};
