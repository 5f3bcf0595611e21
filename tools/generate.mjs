import { join } from 'node:path';
import { runProgram } from './lib/run-program.mjs';
import { toolArgs } from './lib/tool-args.mjs';

/**
 * Writes every generated file afresh; with --check it writes nothing and fails when one is not current, saying
 * which command mends it. Usage: node tools/generate.mjs [--check]
 */
const GENERATORS = ['tools/tripwire-code.mjs', 'tools/openapi/run.mjs', 'tools/kernel-graph.mjs'];

const { root, check } = toolArgs({ check: { type: 'boolean', default: false } });
for (const generator of GENERATORS) {
  const args = [join(root, generator), ...(check ? ['--check'] : [])];
  const { code } = await runProgram(process.execPath, args, { cwd: root, show: true });
  if (code === 0) continue;
  process.exitCode = 1;
  console.error(check ? `mend it with: node ${generator}` : `${generator} failed`);
}
