// Builds what the supervisors run, once for a run of the bench.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { findEntries } from '../../tools/build/entries.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** Those programs of the product that take part; a build without one of them is measured without it. */
const OWN = ['guardian', 'keeper', 'spare'];
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  logLevel: 'error',
};

/** The product's table of kernels, which is TypeScript. */
export const loadKernelTable = async (folder) => {
  const outfile = join(folder, 'kernels.mjs');
  const entryPoints = [join(root, 'packages/contracts/src/kernels.ts')];
  await build({ ...common, entryPoints, outfile });
  const { GATEWAY_PORT, KERNEL_TABLE } = await import(pathToFileURL(outfile).href);
  return { gatewayPort: GATEWAY_PORT, kernels: KERNEL_TABLE };
};

/** One file that every service of a peer is a copy of. */
export const buildPeerService = async (folder) => {
  const outfile = join(folder, 'peer.mjs');
  await build({ ...common, entryPoints: [here('./services/peer.mjs')], outfile });
  return outfile;
};

/**
 * The supervision part of the product, with the bench's service as gateway and as `kernels/service`: bundled like a
 * release, where the spare process shares chunks with whatever it may become and the others stand alone.
 */
export const buildHoldfast = async (folder) => {
  const { entries } = findEntries(root);
  const own = OWN.filter((name) => entries[name] && existsSync(join(root, entries[name])));
  const sources = Object.fromEntries(own.map((name) => [name, join(root, entries[name])]));
  const { spare, ...single } = sources;
  const options = {
    ...common,
    outdir: folder,
    chunkNames: 'chunks/[name]-[hash]',
    external: ['libsql', 'pg-native', 'bufferutil', 'utf-8-validate', 'systeminformation'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  };
  const services = {
    gateway: here('./services/holdfast.mjs'),
    'kernels/service': here('./services/holdfast-kernel.mjs'),
    ...(spare && { spare }),
  };
  await build({ ...options, entryPoints: services, splitting: true });
  await build({ ...options, entryPoints: single });
  return own;
};
