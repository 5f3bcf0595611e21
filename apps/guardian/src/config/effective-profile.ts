import { HoldfastError, type Profile } from '@holdfast/contracts';
import { layOver, loadProfile } from '@holdfast/sdk/profile';

type Overrides = Readonly<Record<string, unknown>>;

/** Without them there is no way to propose, decide, carry out and record a change: it could not be taken back. */
const NEEDED_FOR_CHANGES = [
  'message_bus',
  'immutable_log',
  'governance',
  'policy_engine',
  'workflow_engine',
] as const;

interface KeyProblem {
  readonly key: string;
  readonly detail: string;
}

/** What the schema takes and a running stack does not survive, or cannot do. */
const unsafe = (files: Profile, profile: Profile): KeyProblem[] => [
  ...NEEDED_FOR_CHANGES.filter(
    (id) => files.kernels[id]?.enabled === true && profile.kernels[id]?.enabled !== true,
  ).map((id) => ({
    key: `kernels.${id}.enabled`,
    detail: 'no change could be made without it, not even one that takes this back',
  })),
  ...(profile.security.bind_address === files.security.bind_address
    ? []
    : [
        {
          key: 'security.bind_address',
          detail:
            'the public socket stays as it is while the stack runs; set it in the profile file',
        },
      ]),
];

const problemsOf = (files: Profile, overrides: Overrides): KeyProblem[] | Profile => {
  const laid = layOver(files, overrides);
  if (!laid.ok)
    return laid.problems.map(({ details }) => ({
      key: String(details['key']),
      detail: String(details['detail']),
    }));
  const found = unsafe(files, laid.profile);
  return found.length > 0 ? found : laid.profile;
};

export interface EffectiveProfile {
  /** Of the files alone, by its canonical name. */
  readonly files: Profile;
  readonly effective: Profile;
}

/** The profile files with overrides laid on them. Throws profile_* for the files, config_patch_invalid for the overrides. */
export const effectiveProfile = async (
  profilesDir: string,
  name: string,
  overrides: Overrides,
): Promise<EffectiveProfile> => {
  const files = await loadProfile(profilesDir, name);
  const effective = problemsOf(files, overrides);
  if (!Array.isArray(effective)) return { files, effective };
  const problems = effective.map(({ key, detail }) => `${key}: ${detail}`);
  const path = effective[0]?.key;
  throw new HoldfastError('config_patch_invalid', {
    detail: problems.join('; ').slice(0, 2_000),
    path,
    problems,
  });
};

/** Whether the overrides, alone, make sense on these files. */
export const fits = (files: Profile, overrides: Overrides): boolean =>
  !Array.isArray(problemsOf(files, overrides));
