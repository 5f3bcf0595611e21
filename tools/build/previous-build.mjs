import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What dist/build.json says about the build in `dist`, or undefined where none is. */
export const readBuild = (dist) => {
  try {
    const { id, files } = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8'));
    return typeof id === 'string' && Array.isArray(files) ? { id, files } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * A process of the previous build may still load one of its chunks for the first time: they stay beside the new ones
 * until the next build. What that build had kept of an older one is not among its files, and goes.
 */
export const keepChunks = ({ previous, dist, next }) => {
  mkdirSync(join(next, 'chunks'), { recursive: true });
  for (const file of previous.files)
    if (file.startsWith('chunks/') && existsSync(join(dist, file)) && !existsSync(join(next, file)))
      copyFileSync(join(dist, file), join(next, file));
};
