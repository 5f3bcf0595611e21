// Bundles the gateway as the product's build does: one file, nothing resolved at run time.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('../../apps/gateway/src/main.ts', import.meta.url));

/** Writes the bundle into a folder and answers its path. */
export const buildGateway = async (folder) => {
  const outfile = join(folder, 'gateway.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
    },
  });
  return outfile;
};
