import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, seconds } from './lib/run-program.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { prepare } from './testing/prepare.mjs';
import { prepareKubernetes } from './testing/kubernetes.mjs';
import { judge } from './testing/judge.mjs';
import { readResults } from './testing/read-results.mjs';

/**
 * Runs every test and says what ran, what failed and what was left out. Fewer tests than the minimum is a failure too:
 * it means that they were not found. Usage: node tools/test.mjs [unit|process]
 */
const MINIMUM = { unit: 1000, process: 25 };

const { root, positionals } = toolArgs();
const missing = [...(await prepare()), (await prepareKubernetes(root)) ?? []].flat();
for (const line of missing) console.error(line);

const reports = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
const lines = [];
try {
  for (const project of positionals.length > 0 ? positionals : Object.keys(MINIMUM)) {
    const file = join(reports, `${project}.json`);
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const { code, ms } = await runProgram(
      process.execPath,
      [vitest, 'run', '--project', project, '--reporter=default', '--reporter=json'].concat(
        `--outputFile.json=${file}`,
      ),
      { cwd: root, show: true },
    );
    const verdict = judge(project, readResults(root, file), { code, minimum: MINIMUM[project] });
    if (!verdict.ok) process.exitCode = 1;
    lines.push(
      '',
      `${verdict.ok ? 'ok    ' : 'FAILED'} ${project}, ${seconds(ms)}`,
      ...verdict.lines,
    );
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}
console.log([...lines, '', ...missing].join('\n'));
