import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { findEntries } from './entries.mjs';
import { keepChunks, readBuild } from './previous-build.mjs';
import { readTogether } from './read-together.mjs';

/**
 * Bundles every program to dist/. Programs of a group with `split` share chunks, which the spare process has loaded
 * before it knows what it will be. Native and optional modules stay outside. dist/build.json: `id`, a hash of all
 * outputs; `files`, their names. Usage: node tools/build/build.mjs
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const started = performance.now();
const { groups, entries, kernels } = findEntries(root);
const dist = join(root, 'dist');
const next = join(root, 'dist.next');
const old = join(root, '.cache', 'dist.old');
for (const folder of [next, old]) rmSync(folder, { recursive: true, force: true });
for (const folder of [join(next, 'kernels'), join(root, '.cache')])
  mkdirSync(folder, { recursive: true });

const bundle = async ({ split, entries: wanted, together }) => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      Object.entries(wanted).map(([out, source]) => [out, join(root, source)]),
    ),
    outdir: next,
    bundle: true,
    splitting: split,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    minify: true,
    legalComments: 'none',
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    external: [
      '@cedar-policy/cedar-wasm',
      'libsql',
      'pg-native',
      'bufferutil',
      'utf-8-validate',
      'systeminformation',
    ],
    plugins: together === undefined ? [] : [readTogether(root, together)],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return Object.keys(metafile.outputs).map((file) => relative(next, join(root, file)));
};

const write = (file, text) => {
  writeFileSync(join(next, file), text);
  return file;
};

const hashOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(next, file)));
  return hash.digest('hex').slice(0, 16);
};

const bundles = (await Promise.all(groups.map(bundle))).flat();
const files = [
  ...new Set(bundles),
  write('kernels/manifest.json', JSON.stringify(kernels)),
  write('package.json', '{ "type": "module" }\n'),
].sort();
const id = hashOf(files);
const previous = readBuild(dist);
const isSame = previous?.id === id && previous.files.every((file) => existsSync(join(dist, file)));
if (isSame) rmSync(next, { recursive: true, force: true });
else {
  if (previous !== undefined) keepChunks({ previous, dist, next });
  write('build.json', `${JSON.stringify({ id, files })}\n`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(next, dist);
  rmSync(old, { recursive: true, force: true });
}
console.log(
  `built ${Object.keys(entries).length} programs, ${kernels.length} kernels in ${Math.round(performance.now() - started)} ms` +
    ` (build ${id}${isSame ? ', unchanged' : ''})`,
);
