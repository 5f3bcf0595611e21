import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { findEntries } from './entries.mjs';

/**
 * Bundles every program to dist/, one file each, so that a kernel starts by reading one file. Native and optional
 * modules stay outside. Usage: node tools/build/build.mjs
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const started = performance.now();
const { entries, kernels } = findEntries(root);
const dist = join(root, 'dist');
const next = join(root, 'dist.next');
rmSync(next, { recursive: true, force: true });
mkdirSync(join(next, 'kernels'), { recursive: true });

const result = await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    Object.entries(entries).map(([out, source]) => [out, join(root, source)]),
  ),
  outdir: next,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  minify: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  metafile: true,
  external: ['libsql', 'pg-native', 'bufferutil', 'utf-8-validate', 'systeminformation'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
writeFileSync(join(next, 'kernels', 'manifest.json'), JSON.stringify(kernels));
writeFileSync(join(next, 'package.json'), '{ "type": "module" }\n');

rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);
const programs = Object.keys(result.metafile.outputs).filter((file) => file.endsWith('.js')).length;
console.log(
  `built ${programs} programs, ${kernels.length} kernels in ${Math.round(performance.now() - started)} ms`,
);
