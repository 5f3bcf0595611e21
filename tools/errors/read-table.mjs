import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineOf, parseModule, stringOf, walk } from '../lib/parse-module.mjs';
import { walkFiles } from '../lib/walk-files.mjs';

export const ERRORS_FOLDER = 'packages/contracts/src/errors';

const nameOf = (key) => key.name ?? key.value;

/**
 * The error tables as they are written: code to `{ file, line, placeholders, fixed }`. `fixed`: a row of the gate,
 * which stands there for its place in the order. A code that is written twice is a problem.
 */
export const readTable = (root) => {
  const rows = new Map();
  const problems = [];
  for (const file of walkFiles(root, ERRORS_FOLDER, (path) => path.endsWith('-errors.ts'))) {
    const text = readFileSync(join(root, file), 'utf8');
    walk(parseModule(file, text), (node) => {
      if (node.type !== 'CallExpression' || node.callee.name !== 'defineErrors') return;
      for (const { key, value } of node.arguments[0].properties) {
        const words = value.properties.find((property) => nameOf(property.key) === 'text');
        const line = lineOf(text, key.start);
        const code = nameOf(key);
        if (rows.has(code))
          problems.push(`${file}:${line}: ${code} is also in ${rows.get(code).file}`);
        const placeholders = [...(stringOf(words.value) ?? '').matchAll(/\{(\w+)\}/g)];
        rows.set(code, {
          file,
          line,
          placeholders: placeholders.map(([, name]) => name),
          fixed: file.endsWith('/gate-errors.ts'),
        });
      }
    });
  }
  return { rows, problems };
};
