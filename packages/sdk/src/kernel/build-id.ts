import { readFileSync } from 'node:fs';

/**
 * The id of the build on disk that this code is of, by the build.json beside the programs; `source` when it was not
 * built. A program that runs on while another build takes its place must have asked before.
 */
export const readBuildId = (): string => {
  for (const place of ['./build.json', '../build.json']) {
    try {
      const { id } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as {
        id: string;
      };
      return id;
    } catch {
      // Chunks lie one folder below the programs.
    }
  }
  return 'source';
};
