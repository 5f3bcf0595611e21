import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFile } from './lib/generated-file.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { walkFiles } from './lib/walk-files.mjs';

/**
 * Writes the digest of the code of the hard rules, which is part of what their version pins: a check that was loosened
 * under the same name shows. Usage: node tools/tripwire-code.mjs [--check]
 */
const { root, check } = toolArgs({ check: { type: 'boolean', default: false } });
const FOLDER = 'packages/change/src/tripwires';
const FILE = `${FOLDER}/code-digest.ts`;
/** What names a version, and what it is compared with, is not the code of its rules. */
const APART = [FILE, `${FOLDER}/pinned.ts`, `${FOLDER}/history.ts`];

const isCode = (path) =>
  path.endsWith('.ts') && !path.endsWith('.test.ts') && !APART.includes(path);
const hash = createHash('sha256');
for (const path of walkFiles(root, FOLDER, isCode)) {
  const text = readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n');
  hash.update(`${path}\n${createHash('sha256').update(text).digest('hex')}\n`);
}
const text = [
  '/** SHA-256 of the code of the hard rules, written by tools/tripwire-code.mjs. */',
  `export const CODE_DIGEST = '${hash.digest('hex')}';`,
  '',
].join('\n');
generatedFile(root, FILE, text, { check, command: 'node tools/tripwire-code.mjs' });
