import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** Within the checkout, so that packages with native parts are found from there. */
const FOLDER = join('node_modules', '.cache', 'holdfast', 'bench', 'programs');

/**
 * Bundles a program of a bench, because Node 20 reads no TypeScript. `source`: from the root of the repository, which is
 * the working directory. Answers where the bundle is.
 */
export const bundleProgram = async (
  source: string,
  outfile: string = join(process.cwd(), FOLDER, `${basename(source, '.ts')}.mjs`),
): Promise<string> => {
  await build({
    entryPoints: [join(process.cwd(), source)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['libsql', 'pg-native', 'esbuild'],
    banner: {
      js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
};
