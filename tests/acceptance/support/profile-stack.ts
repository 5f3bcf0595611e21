import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configWith, type Settings } from '../../harness/quick-config.ts';
import { createStack, type Stack, type StackOptions } from '../../harness/stack.ts';

const PROFILES = ['base', 'user', 'pro', 'enterprise-vip'] as const;

/** Nobody has to wait for a watch in which nothing is looked at. */
const QUICK: Settings = { baseline_s: 0, watch_s: 0, cooldown_s: 0, activation: 'always' };

/** Sets values in every profile file that has the key. */
const setEverywhere = (config: string, settings: Settings): void => {
  for (const name of PROFILES) {
    const file = join(config, 'profiles', `kernel.${name}.yaml`);
    let text = readFileSync(file, 'utf8');
    for (const [key, value] of Object.entries(settings))
      text = text.replace(new RegExp(`(\\b${key}: )[^,}\\n]*?(?= ?[,}\\n])`, 'g'), `$1${value}`);
    writeFileSync(file, text);
  }
};

export interface ProfileStack extends Stack {
  /** The folder of the configuration of this stack alone. */
  readonly config: string;
}

/** A stack with a copy of the shipped profiles of its own, in which settings take effect without a pause. */
export const createProfileStack = async (
  settings: Settings = {},
  options: StackOptions = {},
): Promise<ProfileStack> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-profile-'));
  const config = configWith(join(folder, 'config'), {});
  setEverywhere(config, { ...QUICK, ...settings });
  const stack = await createStack({
    ...options,
    home: join(folder, 'home'),
    env: { HOLDFAST_CONFIG_DIR: config, ...options.env },
  });
  return {
    ...stack,
    config,
    async destroy() {
      await stack.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
