import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImport } from './boundaries/check-import.mjs';
import { readWorkspaces } from './boundaries/workspaces.mjs';
import { importsOf } from './lib/imports-of.mjs';
import { report } from './lib/report.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { walkFiles } from './lib/walk-files.mjs';

/**
 * Refuses an import that the table of rooms (boundaries/table.mjs) does not allow.
 * Usage: node tools/check-boundaries.mjs [--root DIR] [--min-files N]
 */
const { root, 'min-files': minFiles } = toolArgs({
  'min-files': { type: 'string', default: '300' },
});
const workspaces = readWorkspaces(root);
const files = ['packages', 'kernels', 'drivers', 'apps'].flatMap((folder) =>
  walkFiles(root, folder, (path) => path.endsWith('.ts')),
);
const problems = [];
let imports = 0;
for (const file of files)
  for (const { name, line, typeOnly } of importsOf(file, readFileSync(join(root, file), 'utf8'))) {
    imports += 1;
    const problem = checkImport({ root, workspaces, file, name, typeOnly });
    if (problem) problems.push(`${file}:${line}: ${problem}`);
  }
if (files.length < Number(minFiles))
  problems.push(`read ${files.length} files, expected at least ${minFiles}: is the walk broken?`);
report('boundaries', problems, `${files.length} files, ${imports} imports`);
