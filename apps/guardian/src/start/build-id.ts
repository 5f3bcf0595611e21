import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which build lies on disk now; undefined where the build has no name. */
export const readBuildId = (distDir: string): string | undefined => {
  try {
    const { id } = JSON.parse(readFileSync(join(distDir, 'build.json'), 'utf8')) as {
      id?: unknown;
    };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
};
