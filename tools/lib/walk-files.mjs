import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const IGNORED = new Set(['node_modules', 'dist', '.cache']);

/** Files under `root/folder`, sorted, as paths relative to `root` with forward slashes. */
export const walkFiles = (root, folder, keep) => {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return IGNORED.has(entry.name) ? [] : walkFiles(root, path, keep);
      return keep(path) ? [path] : [];
    })
    .sort();
};
