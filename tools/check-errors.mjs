import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS_FOLDER, readTable } from './errors/read-table.mjs';
import { readUses } from './errors/read-uses.mjs';
import { report } from './lib/report.mjs';
import { isTestCode } from './lib/test-code.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { walkFiles } from './lib/walk-files.mjs';

/**
 * Compares the error tables with the code, in both directions: every code can reach a user, every code that is raised
 * or declared exists, and the details of a new error fill every placeholder of its text. Codes of the gate may be
 * unused: their rows are the fixed order. Usage: node tools/check-errors.mjs [--root DIR]
 */
const { root } = toolArgs();
const { rows, problems } = readTable(root);
const raised = new Set();
const known = (code, where) => {
  if (!rows.has(code)) problems.push(`${where}: '${code}' is in no table of ${ERRORS_FOLDER}`);
  return rows.get(code);
};

for (const file of ['packages', 'kernels', 'drivers', 'apps'].flatMap((folder) =>
  walkFiles(root, folder, (path) => path.endsWith('.ts') && !isTestCode(path)),
)) {
  if (file.startsWith(ERRORS_FOLDER) && file.endsWith('-errors.ts')) continue;
  const uses = readUses(file, readFileSync(join(root, file), 'utf8'));
  for (const code of uses.raised) raised.add(code);
  for (const { code, line } of uses.declared) known(code, `${file}:${line}`);
  for (const { code, keys, line } of uses.made) {
    const missing = (known(code, `${file}:${line}`)?.placeholders ?? []).filter(
      (name) => keys !== undefined && !keys.includes(name),
    );
    if (missing.length > 0)
      problems.push(`${file}:${line}: details of ${code} lack ${missing.join(', ')}`);
  }
}

const unused = [...rows].filter(([code]) => !raised.has(code));
for (const [code, row] of unused)
  if (!row.fixed) problems.push(`${row.file}:${row.line}: nothing raises ${code}`);
const reserved = unused.filter(([, row]) => row.fixed).map(([code]) => code);
report(
  'errors',
  problems,
  `${rows.size} codes, reserved by the gate: ${reserved.join(' ') || 'none'}`,
);
