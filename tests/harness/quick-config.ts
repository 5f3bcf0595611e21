import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stack.ts';

/** Keys of a profile and what they are to be. */
export type Settings = Readonly<Record<string, number | boolean | string>>;

/** Keys that each kernel has of its own: given for all of them. */
const OF_EACH_KERNEL = ['activation', 'idle_s'];

/** A copy of the shipped configuration with other values for some keys of the base profile, for HOLDFAST_CONFIG_DIR. */
export const configWith = (dir: string, numbers: Settings): string => {
  cpSync(join(ROOT, 'config'), dir, { recursive: true });
  for (const name of ['base', 'user']) {
    const file = join(dir, 'profiles', `kernel.${name}.yaml`);
    let text = readFileSync(file, 'utf8');
    for (const [key, value] of Object.entries(numbers))
      text = text.replace(
        new RegExp(`(\\b${key}: )[^,}\\n]*?(?= ?[,}\\n])`, OF_EACH_KERNEL.includes(key) ? 'g' : ''),
        `$1${value}`,
      );
    writeFileSync(file, text);
  }
  return dir;
};
