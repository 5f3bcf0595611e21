import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Random faults against a real stack under load, reproducible by seed. Bundled first, because Node 20 reads no
 * TypeScript. Usage: node tests/campaign/run.mjs [--faults 1000] [--seed 1] [--minutes M]
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'node_modules', '.cache', 'holdfast', 'campaign');
mkdirSync(out, { recursive: true });
const file = join(out, 'campaign.mjs');
await build({
  entryPoints: [join(root, 'tests', 'campaign', 'main.ts')],
  outfile: file,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['libsql', 'pg-native'],
  // Sources find the repository from where they are themselves: all of them are two folders below its root.
  define: {
    'import.meta.url': JSON.stringify(new URL('./campaign.js', import.meta.url).href),
  },
  banner: {
    js: `import { createRequire as __r } from 'node:module'; const require = __r(${JSON.stringify(import.meta.url)});`,
  },
  logLevel: 'error',
});
const child = spawn(process.execPath, [file, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
child.once('exit', (code) => (process.exitCode = code ?? 1));
