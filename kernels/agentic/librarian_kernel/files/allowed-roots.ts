import { realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';

/** The folders below which files may be read. */
export interface AllowedRoots {
  readonly paths: readonly string[];
  /**
   * The real path of what is named. Refuses with path_outside_roots before it looks at the disk, with path_not_found, and
   * with path_escape when `..` or a symbolic link leads out.
   */
  resolve(path: string): Promise<string>;
}

export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);

const real = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);

/** `$HOLDFAST_HOME` and `$HOLDFAST_DOCS` in front stand for folders; one that is not there allows nothing. */
export const expandRoots = (
  roots: readonly string[],
  folders: { readonly home: string; readonly docs: string | undefined },
): string[] =>
  roots.flatMap((root) => {
    const found = /^\$HOLDFAST_(HOME|DOCS)(?:\/(.*))?$/.exec(root);
    if (!found) return [resolve(root)];
    const folder = found[1] === 'HOME' ? folders.home : folders.docs;
    return folder === undefined ? [] : [resolve(join(folder, found[2] ?? ''))];
  });

export const createAllowedRoots = (paths: readonly string[]): AllowedRoots => ({
  paths,
  async resolve(path) {
    if (path.split(/[\\/]/).includes('..')) throw new HoldfastError('path_escape', { path });
    const roots = [...paths, ...(await Promise.all(paths.map(real)))].filter(
      (root) => root !== undefined,
    );
    const named = resolve(path);
    if (!isAbsolute(path) || path.includes('\0') || !roots.some((root) => isWithin(named, root)))
      throw new HoldfastError('path_outside_roots', { path, roots: paths.join(', ') });
    const found = await real(named);
    if (found === undefined) throw new HoldfastError('path_not_found', { path });
    if (!roots.some((root) => isWithin(found, root)))
      throw new HoldfastError('path_escape', { path });
    return found;
  },
});
