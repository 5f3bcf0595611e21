import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StoreError } from '../store-error.ts';

/** A program bundle lies in dist/ or one folder below it; the worker's bundle lies in dist/. */
const besideBundle = ['./store-worker.js', '../store-worker.js'];

function sourceHash(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.ts') && !name.endsWith('.test.ts'))
        hash.update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function cacheFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (existsSync(join(modules, 'libsql'))) return join(modules, '.cache', 'holdfast');
    if (folder === dirname(folder)) throw new StoreError('STORE_IO', 'libsql is not installed');
  }
}

/**
 * Run from TypeScript sources, as tests are: Node 20 cannot load them in a worker, so they are
 * bundled once per content of the sources. The name of the bundler is kept from bundlers' eyes.
 */
async function buildFromSources(sources: string): Promise<URL> {
  const file = join(
    cacheFolder(sources),
    `store-worker-${sourceHash([sources, dirname(sources)])}.mjs`,
  );
  if (!existsSync(file)) {
    const bundler = 'esbuild';
    const { build } = (await import(bundler)) as typeof import('esbuild');
    const { outputFiles } = await build({
      entryPoints: [join(sources, 'store-worker.ts')],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['libsql'],
    });
    mkdirSync(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    writeFileSync(unfinished, outputFiles[0]?.contents ?? '');
    renameSync(unfinished, file);
  }
  return pathToFileURL(file);
}

/** Where the worker's code is: beside the bundle in production, built on demand from sources. */
export async function resolveWorker(from: string = import.meta.url): Promise<URL> {
  if (from.endsWith('.ts')) return buildFromSources(dirname(fileURLToPath(from)));
  const found = besideBundle.map((path) => new URL(path, from)).find((url) => existsSync(url));
  if (found === undefined) {
    throw new StoreError('STORE_IO', `store-worker.js not found beside ${fileURLToPath(from)}`);
  }
  return found;
}
