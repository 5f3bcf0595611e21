import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROFILE_ALIASES, type PolicyFile } from '@holdfast/contracts';
import { CliError, EXIT } from './cli-error.ts';

const usage = (message: string): CliError => new CliError(message, { exit: EXIT.usage });

const read = (path: string): PolicyFile => ({
  name: basename(path),
  text: readFileSync(path, 'utf8'),
});

/** The .cedar files of a folder (not of those below), or the one file that is named. Throws a usage error for none. */
export const readPolicyFiles = (path: string): PolicyFile[] => {
  if (!existsSync(path)) throw usage(`${path}: there is no such file or folder`);
  if (!statSync(path).isDirectory()) return [read(path)];
  const names = readdirSync(path).filter((name) => name.endsWith('.cedar'));
  if (names.length === 0) throw usage(`${path}: there is no .cedar file in it`);
  return names.toSorted().map((name) => read(join(path, name)));
};

/** The policies that the product ships for a profile. `dist`: folder of the built programs. */
export const readDefaultPolicies = (profile: string, dist: URL): PolicyFile[] => {
  const name = PROFILE_ALIASES[profile.toLowerCase()];
  if (name === undefined) {
    const known = [...new Set(Object.values(PROFILE_ALIASES))].join(', ');
    throw usage(`--defaults ${profile}: expected one of ${known}`);
  }
  const folder = fileURLToPath(new URL('../config/policies', dist));
  return ['base', name].flatMap((one) => readPolicyFiles(join(folder, one)));
};
