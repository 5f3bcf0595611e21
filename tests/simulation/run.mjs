import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles the simulation with the kernels, because Node 20 reads no TypeScript and because the code under simulation
 * gets the files and dice of its history, and runs it. Usage: see main.ts; besides, --mutant NAME puts a defect in.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const here = join(root, 'tests', 'simulation');
/**
 * Defects that are put in on purpose, each by `[file, text, replacement]`: what a simulation does not notice it does not
 * guard. A text that is not there any more is an error.
 */
const MUTANTS = JSON.parse(readFileSync(join(here, 'mutants.json'), 'utf8'));
const mutate = (file, source) => {
  let text = source;
  for (const [, find, replacement] of MUTANTS[mutant].filter(([place]) => place === file)) {
    if (!text.includes(find)) throw new Error(`mutant '${mutant}': '${find}' is not in ${file}`);
    text = text.replace(find, () => replacement);
  }
  return text;
};
const args = process.argv.slice(2);
const at = args.indexOf('--mutant');
const mutant = at < 0 ? undefined : args.splice(at, 2)[1];
if (mutant !== undefined && !(mutant in MUTANTS)) {
  console.error(`there is no mutant '${mutant}'; there are:\n${Object.keys(MUTANTS).join('\n')}`);
  process.exit(64);
}

/** What has no simulated counterpart throws. */
const substitutes = {
  fs: 'sim-files.ts',
  'fs/promises': 'sim-files.ts',
  crypto: 'sim-crypto.ts',
};
const contentsOf = async (name) => {
  const file = join(here, 'files', substitutes[name]);
  const everything = `export * from ${JSON.stringify(file)};`;
  if (name === 'crypto') return everything;
  const simulated = new Set(
    [...readFileSync(file, 'utf8').matchAll(/^export const (\w+)/gm)].map(([, found]) => found),
  );
  const rest = Object.entries(await import(`node:${name}`))
    .filter(([key]) => key !== 'default' && !simulated.has(key))
    .map(([key, value]) =>
      typeof value === 'function'
        ? `export const ${key} = () => { throw new Error('${name}.${key} was used within a history'); };`
        : `export const ${key} = undefined;`,
    );
  return [everything, ...rest].join('\n');
};
const substitute = {
  name: 'substitute',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(fs|fs\/promises|crypto)$/ }, ({ path, importer }) =>
      importer.startsWith(here) || importer.includes('node_modules')
        ? undefined
        : { path: path.slice('node:'.length), namespace: 'simulated' },
    );
    onLoad({ filter: /.*/, namespace: 'simulated' }, async ({ path }) => ({
      contents: await contentsOf(path),
      resolveDir: here,
    }));
  },
};

const applied = new Set();
const defect = {
  name: 'defect',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const file = relative(root, path).split(sep).join('/');
      if (!MUTANTS[mutant].some(([place]) => place === file)) return undefined;
      applied.add(file);
      return {
        contents: mutate(file, readFileSync(path, 'utf8')),
        loader: 'ts',
      };
    });
  },
};

const cache = join(root, 'node_modules', '.cache', 'holdfast', 'simulation');
mkdirSync(cache, { recursive: true });
const out = mkdtempSync(join(cache, 'run-'));
process.once('exit', () => rmSync(out, { recursive: true, force: true }));
const file = join(out, 'simulation.mjs');
await build({
  entryPoints: [join(here, 'main.ts')],
  outfile: file,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  external: ['libsql', 'libsql/promise', 'pg', 'pg-native'],
  plugins: mutant === undefined ? [substitute] : [substitute, defect],
  sourcemap: 'inline',
  define: {
    'import.meta.url': JSON.stringify(new URL('./simulation.js', import.meta.url).href),
  },
  banner: {
    js: `import { createRequire as __r } from 'node:module'; const require = __r(${JSON.stringify(import.meta.url)});`,
  },
  logLevel: 'error',
});
for (const [place] of MUTANTS[mutant] ?? [])
  if (!applied.has(place)) throw new Error(`mutant '${mutant}': ${place} is not simulated`);

/** Each worker has one core: helper threads and many small collections of garbage cost a third of all time. */
const flags = ['--single-threaded-gc', '--max-semi-space-size=32'];
if (args.includes('--trace')) flags.push('--enable-source-maps');
const child = spawn(process.execPath, [...flags, file, ...args], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
child.once('exit', (code) => (process.exitCode = code ?? 1));
