import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Runs benches: each .ts file in a folder of bench/ answers one question, and so does a run.mjs. They are bundled first because Node 20 reads
 * no TypeScript. Usage: node bench/run.mjs [folder[/file] ...]
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = process.argv.slice(2);
const out = join(root, 'node_modules', '.cache', 'holdfast', 'bench');
mkdirSync(out, { recursive: true });

const questions = readdirSync(join(root, 'bench'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'lib')
  .flatMap((entry) =>
    readdirSync(join(root, 'bench', entry.name))
      .filter((file) => file.endsWith('.ts') || file === 'run.mjs')
      .map((file) => `${entry.name}/${file.replace(/\.\w+$/, '')}`),
  )
  .filter(
    (name) =>
      wanted.length === 0 || wanted.some((want) => name === want || name.startsWith(`${want}/`)),
  );

let failed = 0;
for (const name of questions) {
  if (name.endsWith('/run')) {
    const program = join(root, 'bench', `${name}.mjs`);
    if (spawnSync(process.execPath, [program], { cwd: root, stdio: 'inherit' }).status !== 0)
      failed += 1;
    continue;
  }
  const file = join(out, `${name.replace('/', '-')}.mjs`);
  await build({
    entryPoints: [join(root, 'bench', `${name}.ts`)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['libsql', 'pg-native', 'esbuild'],
    define: {
      'import.meta.url': JSON.stringify(
        new URL(`bench/${name}.js`, new URL('..', import.meta.url)).href,
      ),
    },
    banner: {
      js: `import { createRequire as __r } from 'node:module'; const require = __r(${JSON.stringify(new URL('../package.json', import.meta.url).href)});`,
    },
    logLevel: 'error',
  });
  const result = spawnSync(process.execPath, [file], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) failed += 1;
}
console.log(`\n${questions.length} questions, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
