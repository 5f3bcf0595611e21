import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder with its parents; true when it was not there. `mkdirSync` with `recursive` never returns where a parent
 * exists and takes no folder (`/proc`), so each level is made by itself.
 */
export const makeFolder = (path: string): boolean => {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return false;
    if (code !== 'ENOENT' || dirname(path) === path || !makeFolder(dirname(path))) throw error;
    mkdirSync(path);
    return true;
  }
};
