import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

/**
 * Puts the trainer's program into k8s/trainer-minimal.yaml as a ConfigMap, so that one file is all that a cluster needs.
 * Usage: node examples/trainer/tools/embed.mjs [--check]; with --check it writes nothing and fails when the file is stale.
 */
const FOLDER = new URL('../', import.meta.url);
const MANIFEST = new URL('../../k8s/trainer-minimal.yaml', FOLDER);
const PART = /(# program: begin[^\n]*\n)[^]*?(^---\napiVersion: apps\/v1\n)/m;

const modules = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.mjs'))
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));
const hash = createHash('sha256');
for (const { name, text } of modules) hash.update(`${name}\0${text}\0`);
const digest = hash.digest('hex').slice(0, 16);

const indented = (text) => text.replace(/^(?=.)/gm, '    ');
const configMap = [
  '---',
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata:',
  '  name: trainer-program',
  '  labels:',
  '    app: trainer',
  'data:',
  ...modules.map(({ name, text }) => `  ${name}: |\n${indented(text).trimEnd()}`),
  '',
].join('\n');

const before = readFileSync(MANIFEST, 'utf8');
const after = before
  .replace(PART, (_whole, begin, end) => `${begin}${configMap}${end}`)
  .replace(/(holdfast\/program: ).*/, `$1'${digest}'`);
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('k8s/trainer-minimal.yaml is stale: run node examples/trainer/tools/embed.mjs');
    process.exitCode = 1;
  }
} else writeFileSync(MANIFEST, after);
