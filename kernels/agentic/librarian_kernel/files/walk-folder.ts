import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError, type SkipReason } from '@holdfast/contracts';

export interface FolderListing {
  readonly files: readonly string[];
  readonly skipped: readonly { readonly path: string; readonly reason: SkipReason }[];
}

/** Folders of programs, not of people. */
const isLeftOut = (entry: Dirent): boolean =>
  entry.isDirectory() && (entry.name.startsWith('.') || entry.name === 'node_modules');

/**
 * Every file below a folder, in order of its path; symbolic links are named and not followed. A folder that cannot be
 * read is named as `unreadable`. Throws too_many_files.
 */
export const walkFolder = async (folder: string, maxFiles: number): Promise<FolderListing> => {
  const files: string[] = [];
  const skipped: { path: string; reason: SkipReason }[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = await readdir(next, { withFileTypes: true }).catch(() => undefined);
    if (entries === undefined) {
      skipped.push({ path: next, reason: 'unreadable' });
      continue;
    }
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (isLeftOut(entry)) continue;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path);
      else
        skipped.push({
          path,
          reason: entry.isSymbolicLink() ? 'symbolic link' : 'not a regular file',
        });
    }
    if (files.length + skipped.length > maxFiles)
      throw new HoldfastError('too_many_files', { path: folder, limit: maxFiles });
  }
  return { files: files.sort(), skipped };
};
