import { join } from 'node:path';
import { availableParallelism } from 'node:os';
import { runProgram, seconds } from './lib/run-program.mjs';
import { toolArgs } from './lib/tool-args.mjs';

/**
 * Everything that can be known about the code without running it. The longest checks start first; as many run at once
 * as there are cores. Prints the output of those that fail and the time of each. Usage: node tools/check.mjs [name ...]
 */
const { root, positionals } = toolArgs();
const tool = (name, ...args) => [join(root, 'tools', `${name}.mjs`), ...args];
const library = (file, ...args) => [join(root, 'node_modules', file), ...args];

const CHECKS = {
  format: {
    run: library(
      'prettier/bin/prettier.cjs',
      ...'--check . --log-level=warn --cache'.split(' '),
      '--cache-location=node_modules/.cache/prettier/check',
    ),
    mend: 'npx prettier --write .',
  },
  types: { run: library('typescript/bin/tsc', '-p', 'tsconfig.json') },
  lint: { run: library('oxlint/bin/oxlint', '--deny-warnings') },
  generated: { run: tool('generate', '--check'), mend: 'make generate' },
  boundaries: { run: tool('check-boundaries') },
  style: { run: tool('check-style') },
  errors: { run: tool('check-errors') },
};

const unknown = positionals.filter((name) => !(name in CHECKS));
if (unknown.length > 0) {
  console.error(
    `there is no check ${unknown.join(', ')}; known: ${Object.keys(CHECKS).join(', ')}`,
  );
  process.exit(64);
}
const queue = Object.entries(CHECKS).filter(
  ([name]) => positionals.length === 0 || positionals.includes(name),
);
const started = performance.now();
const failed = [];
const worker = async () => {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [name, { run, mend }] = next;
    const { code, output, ms } = await runProgram(process.execPath, run, { cwd: root });
    const ok = code === 0;
    if (!ok) {
      failed.push(name);
      process.stdout.write(output);
    }
    const advice = ok || !mend ? '' : `; mend it with: ${mend}`;
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds(ms)}${advice}`);
  }
};
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
console.log(
  `check: ${failed.length === 0 ? 'ok' : `failed: ${failed.join(', ')}`}, ${seconds(performance.now() - started)}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
