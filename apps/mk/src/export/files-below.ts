import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files below a folder, sorted. Links are left out: what they point at is not part of the folder. */
export const filesBelow = (folder: string, below = ''): string[] =>
  readdirSync(join(folder, below))
    .toSorted()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      const stat = lstatSync(join(folder, path));
      if (stat.isDirectory()) return filesBelow(folder, path);
      return stat.isFile() ? [path] : [];
    });
