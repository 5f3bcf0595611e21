import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cloneTree } from './clone-tree.ts';
import type { TopPackage } from './node-modules.ts';

const PREFIX = '.holdfast-npm-';
const MODULES = 'node_modules';
/** The tree that was replaced, while the new one is put in its place. */
const PREVIOUS = 'previous';
const HIDDEN_LOCK = '.package-lock.json';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const isTopPackage = (path: string): boolean => /^(?:@[^/]+\/[^/]+|[^/@.][^/]*)$/.test(path);

/** Links to packages elsewhere are left out: npm would change what they point at. */
const cloneModules = async (root: string, to: string, manifestsOnly: boolean): Promise<void> => {
  const from = join(root, MODULES);
  if (!(await exists(from))) return;
  await cloneTree(from, to, (path, entry) => {
    if (path === HIDDEN_LOCK || (entry.isSymbolicLink() && isTopPackage(path))) return false;
    if (!manifestsOnly) return true;
    return entry.isDirectory() ? !path.startsWith('.') : entry.name === 'package.json';
  });
};

const prepare = async (folder: string, root: string, manifest: string): Promise<void> => {
  await writeFile(join(folder, 'package.json'), manifest);
  await copyFile(join(root, '.npmrc'), join(folder, '.npmrc')).catch(() => undefined);
};

/** Lends a throw-away folder with only the manifests of the project's packages: npm can plan there, not change. */
export const withPlanFolder = async <T>(
  root: string,
  manifest: string,
  use: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-npm-'));
  try {
    await prepare(folder, root, manifest);
    await cloneModules(root, join(folder, MODULES), true);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/**
 * Whether a staging folder has the tree that was replaced and, still, the one that was to replace it: the exchange was
 * not finished, and nobody else has the replaced tree.
 */
const holdsOnlyCopy = async (folder: string): Promise<boolean> =>
  (await exists(join(folder, PREVIOUS))) && (await exists(join(folder, MODULES)));

/** Lends a folder beside node_modules with all of its packages; what happens there is not seen until it is put in place. */
export const withStagedTree = async <T>(
  root: string,
  manifest: string,
  use: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(root, PREFIX));
  try {
    await prepare(folder, root, manifest);
    await cloneModules(root, join(folder, MODULES), false);
    return await use(folder);
  } finally {
    if (!(await holdsOnlyCopy(folder))) await rm(folder, { recursive: true, force: true });
  }
};

/**
 * Puts a staged tree in place of node_modules by two renames, with the links that were left out. When the second fails
 * and cannot be taken back, the error says where the previous tree is, and it stays there.
 */
export const putInPlace = async (
  root: string,
  folder: string,
  links: readonly TopPackage[],
  move: (from: string, to: string) => Promise<void> = rename,
): Promise<void> => {
  const staged = join(folder, MODULES);
  await mkdir(staged, { recursive: true });
  for (const { name, link } of links) {
    if (link === undefined) continue;
    await mkdir(dirname(join(staged, name)), { recursive: true });
    await symlink(link, join(staged, name));
  }
  const live = join(root, MODULES);
  const previous = join(folder, PREVIOUS);
  if (await exists(live)) await move(live, previous);
  try {
    await move(staged, live);
  } catch (error) {
    if (!(await exists(previous))) throw error;
    await move(previous, live).catch((cause: unknown) => {
      throw new Error(
        `node_modules could neither be replaced nor put back; the previous one is in ${previous}: ${String(error)}`,
        { cause },
      );
    });
    throw error;
  }
};

const leftovers = async (root: string): Promise<string[]> => {
  const names = await readdir(root).catch(() => []);
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => join(root, name));
};

/** Whether a process died between the two renames, so that node_modules is not where it belongs. */
export const isSetAside = async (root: string): Promise<boolean> => {
  if (await exists(join(root, MODULES))) return false;
  for (const folder of await leftovers(root)) {
    if (await exists(join(folder, PREVIOUS))) return true;
  }
  return false;
};

/** Undoes what a process that died left behind: node_modules goes back in place, staging folders go. */
export const recoverStaging = async (root: string): Promise<void> => {
  for (const folder of await leftovers(root)) {
    const previous = join(folder, PREVIOUS);
    const live = join(root, MODULES);
    if (!(await exists(live)) && (await exists(previous))) await rename(previous, live);
    if (!(await holdsOnlyCopy(folder))) await rm(folder, { recursive: true, force: true });
  }
};
