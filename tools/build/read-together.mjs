import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * Lets every module of a folder import one of them, so that what that one is made of becomes one chunk. esbuild makes a chunk
 * for each set of commands that share a module; a dry run of `mk` read 28 files, and each costs about half a millisecond.
 */
export const readTogether = (root, { folder, core }) => ({
  name: 'read-together',
  setup(build) {
    const at = join(root, folder) + sep;
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!path.startsWith(at) || path.slice(at.length) === core) return undefined;
      const contents = `${readFileSync(path, 'utf8')}\nimport './${core}';\n`;
      return { contents, loader: 'ts' };
    });
  },
});
