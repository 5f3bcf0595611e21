import { join, resolve } from 'node:path';
import { fileExists } from './files.ts';

/** What a lookup may see of the process: nothing is read from anywhere else. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The home folder; undefined where there is none. */
  readonly home?: string;
}

/** A file and who named it. `path` is as it was given, for reports; `file` is absolute. */
export interface Located {
  readonly path: string;
  readonly file: string;
  readonly from: 'flag' | 'env' | 'cwd' | 'home';
}

const LICENSE_IN_CWD = './modekeeper.license.json';

/** For an apply: the flag, MODEKEEPER_LICENSE_PATH, ./modekeeper.license.json if it is there; undefined for none. */
export const locateLicenseForApply = (
  flag: string | undefined,
  around: Surroundings,
): Located | undefined =>
  named(flag, 'flag', around) ??
  named(around.env.MODEKEEPER_LICENSE_PATH, 'env', around) ??
  present(LICENSE_IN_CWD, 'cwd', around);

/** For `license verify`: the flag, MODEKEEPER_LICENSE_PATH, the home folder whether it is there or not. */
export const locateLicenseForVerify = (
  flag: string | undefined,
  around: Surroundings,
): Located | undefined =>
  named(flag, 'flag', around) ??
  named(around.env.MODEKEEPER_LICENSE_PATH, 'env', around) ??
  named(inHome('license.json', around), 'home', around);

/** The public keys: the flag, MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH, the home folder if there; undefined: the built-in ring. */
export const locateKeyring = (
  flag: string | undefined,
  around: Surroundings,
): Located | undefined =>
  named(flag, 'flag', around) ??
  named(around.env.MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH, 'env', around) ??
  present(inHome('license_public_keys.json', around), 'home', around);

/** The private key that licences are issued with: the flag, MODEKEEPER_ISSUER_PRIVKEY_PATH. */
export const locateIssuerKey = (
  flag: string | undefined,
  around: Surroundings,
): Located | undefined =>
  named(flag, 'flag', around) ?? named(around.env.MODEKEEPER_ISSUER_PRIVKEY_PATH, 'env', around);

const inHome = (name: string, { home }: Surroundings): string | undefined =>
  home === undefined || home === '' ? undefined : join(home, '.config', 'modekeeper', name);

/** An empty variable is an unset one. */
const named = (
  path: string | undefined,
  from: Located['from'],
  { cwd }: Surroundings,
): Located | undefined =>
  path === undefined || path === '' ? undefined : { path, file: resolve(cwd, path), from };

const present = (
  path: string | undefined,
  from: Located['from'],
  around: Surroundings,
): Located | undefined => {
  const located = named(path, from, around);
  return located !== undefined && fileExists(located.file) ? located : undefined;
};
