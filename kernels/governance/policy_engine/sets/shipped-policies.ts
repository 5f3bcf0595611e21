import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PolicyFile } from '@holdfast/contracts';

const SHARED = 'base';

/** `config/policies` of the checkout that this code, or its bundle, lies in. */
export const findShippedPolicies = (from: string = import.meta.url): string | undefined => {
  let folder = dirname(fileURLToPath(from));
  for (;;) {
    const found = join(folder, 'config', 'policies');
    if (existsSync(join(found, SHARED))) return found;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
};

const readFolder = async (folder: string): Promise<PolicyFile[]> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cedar')).toSorted();
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
  );
};

/** The default policies of a profile: what all profiles share, and its own. */
export const readShippedPolicies = async (
  profile: string,
  folder: string | undefined = findShippedPolicies(),
): Promise<PolicyFile[]> => {
  if (folder === undefined) throw new Error('config/policies is not there');
  const folders = [SHARED, ...(profile === SHARED ? [] : [profile])];
  const read = await Promise.all(folders.map((name) => readFolder(join(folder, name))));
  return read.flat();
};
