import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** One entry at the top of a node_modules folder. */
export interface TopPackage {
  /** The folder it is in, scope included: what `require` is given. */
  readonly name: string;
  readonly version?: string;
  /** What its package.json calls it, where that differs: an alias. */
  readonly alias?: string;
  /** Text of the symbolic link that stands here instead of a package. */
  readonly link?: string;
  /** Set when it cannot be read as a package. */
  readonly broken?: string;
}

const readPackage = async (dir: string, name: string): Promise<TopPackage> => {
  const path = join(dir, name);
  const link = await readlink(path).catch(() => undefined);
  let manifest: { name?: unknown; version?: unknown };
  try {
    manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) ?? {};
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return { name, link, broken: code ? 'it has no package.json' : 'its package.json is not JSON' };
  }
  if (typeof manifest.version !== 'string' || manifest.version === '') {
    return { name, link, broken: 'its package.json has no version' };
  }
  const own = typeof manifest.name === 'string' ? manifest.name : name;
  return { name, version: manifest.version, link, alias: own === name ? undefined : own };
};

const entryNames = async (dir: string): Promise<string[]> => {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => !name.startsWith('.')).sort();
};

/** Reads the packages at the top of a node_modules folder; none when there is no such folder. */
export const readNodeModules = async (dir: string): Promise<TopPackage[]> => {
  const packages: TopPackage[] = [];
  for (const name of await entryNames(dir)) {
    const isScope = name.startsWith('@');
    const names = isScope
      ? (await entryNames(join(dir, name))).map((inner) => `${name}/${inner}`)
      : [name];
    for (const full of names) {
      const found = await lstat(join(dir, full));
      if (found.isDirectory() || found.isSymbolicLink())
        packages.push(await readPackage(dir, full));
    }
  }
  return packages;
};

/** Name to version of everything that can be read, links included. */
export const versionsOf = (packages: readonly TopPackage[]): Record<string, string> =>
  Object.fromEntries(
    packages.flatMap(({ name, version }) => (version === undefined ? [] : [[name, version]])),
  );
