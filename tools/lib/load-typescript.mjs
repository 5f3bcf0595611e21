import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * Imports a TypeScript module and all that it imports, as tools have no loader of their own. The bundle lies inside
 * node_modules while it is read, so that modules which stay outside of it are found.
 */
export const loadTypescript = async (root, source) => {
  const folder = join(root, 'node_modules', '.cache', 'holdfast', `load-${process.pid}`);
  const outfile = join(folder, `${source.replaceAll(/\W/g, '-')}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [join(root, source)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      external: ['libsql', 'pg-native', 'bufferutil', 'utf-8-validate', 'systeminformation'],
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
