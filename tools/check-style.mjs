import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { report } from './lib/report.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { checkLengths } from './style/length-rule.mjs';
import { LINE_RULES } from './style/line-rules.mjs';
import { checkSkips } from './style/skip-rule.mjs';

/**
 * House rules that neither formatter nor linter knows, on every text file that git tracks or would track. The trees of
 * tools/fixtures break them on purpose.
 * Usage: node tools/check-style.mjs [--root DIR] [--min-files N]
 */
const { root, 'min-files': minFiles } = toolArgs({
  'min-files': { type: 'string', default: '300' },
});

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const files = [...new Set(listed.split('\0'))].filter(
  (file) =>
    file !== '' &&
    file !== 'package-lock.json' &&
    existsSync(join(root, file)) &&
    statSync(join(root, file)).isFile(),
);

const problems = [];
const lengths = new Map();
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  if (text.includes('\0')) continue;
  const lines = text.replace(/\n$/, '').split('\n');
  lengths.set(file, lines.length);
  problems.push(...checkSkips(file, lines));
  if (file.startsWith('tools/fixtures/')) continue;
  for (const rule of LINE_RULES.filter((candidate) => candidate.applies(file)))
    for (const [index, line] of lines.entries()) {
      const found = rule.pattern.exec(line);
      if (found) problems.push(`${file}:${index + 1}: '${found[0].trim()}' ${rule.text}`);
    }
}
const { problems: tooLong, median, p95 } = checkLengths(lengths);
problems.push(...tooLong);
if (files.length < Number(minFiles))
  problems.push(`read ${files.length} files, expected at least ${minFiles}: is the list broken?`);
report('style', problems, `${files.length} files, median ${median} lines, 95th percentile ${p95}`);
