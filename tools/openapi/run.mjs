import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * Writes generated/openapi.json and generated/errors.md from the contracts.
 * Usage: node tools/openapi/run.mjs [--check]; with --check it exits 1 when one of them is not current.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'holdfast');
mkdirSync(cache, { recursive: true });
const outfile = join(cache, 'openapi-generate.mjs');
await build({
  entryPoints: [fileURLToPath(new URL('./generate.ts', import.meta.url))],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
});
const { generate } = await import(pathToFileURL(outfile).href);
const check = process.argv.includes('--check');
const stale = generate(root, check);
if (stale.length === 0) console.log('generated: openapi.json and errors.md are current');
else if (check) {
  console.error(`generated: not current: ${stale.join(', ')} (node tools/openapi/run.mjs)`);
  process.exitCode = 1;
} else console.log(`generated: wrote ${stale.join(', ')}`);
