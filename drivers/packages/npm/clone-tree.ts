import { copyFile, link, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';

/** How many entries of one folder are worked on at once. */
const BATCH = 64;

const linkOrCopy = (from: string, to: string): Promise<void> =>
  link(from, to).catch(() => copyFile(from, to));

/**
 * Makes a second folder with the same files: hard links where the file system allows, since npm replaces files and
 * never writes into one. Symbolic links keep their text. `include` decides about each entry by its path below the root.
 */
export const cloneTree = async (
  from: string,
  to: string,
  include: (path: string, entry: Dirent) => boolean,
  below = '',
): Promise<void> => {
  await mkdir(to, { recursive: true });
  const cloneEntry = async (entry: Dirent): Promise<void> => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (!include(path, entry)) return;
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await cloneTree(source, target, include, path);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (entry.isFile()) await linkOrCopy(source, target);
  };
  const entries = await readdir(from, { withFileTypes: true });
  for (let at = 0; at < entries.length; at += BATCH) {
    await Promise.all(entries.slice(at, at + BATCH).map(cloneEntry));
  }
};
