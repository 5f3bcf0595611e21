import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

/**
 * Puts the trainer's program into k8s/trainer-minimal.yaml as a ConfigMap, so that one file is all that a cluster needs, and
 * into the chart. Usage: node examples/trainer/tools/embed.mjs [--check]; with --check it writes nothing and fails when a
 * file is stale.
 */
const FOLDER = new URL('../', import.meta.url);
const MANIFEST = new URL('../../k8s/trainer-minimal.yaml', FOLDER);
const PROGRAM = new URL('../../k8s/charts/trainer/program.yaml', FOLDER);
const PART = /(# program: begin[^\n]*\n)[^]*?(^---\napiVersion: apps\/v1\n)/m;

const modules = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.mjs'))
  .sort()
  .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }));
const hash = createHash('sha256');
for (const { name, text } of modules) hash.update(`${name}\0${text}\0`);
const digest = hash.digest('hex').slice(0, 16);

const indented = (text, by) => text.replace(/^(?=.)/gm, ' '.repeat(by)).trimEnd();
const program = modules.map(({ name, text }) => `${name}: |\n${indented(text, 2)}`).join('\n');
const configMap = [
  '---',
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata:',
  '  name: trainer-program',
  '  labels:',
  '    app: trainer',
  'data:',
  indented(program, 2),
  '',
].join('\n');

const manifest = readFileSync(MANIFEST, 'utf8')
  .replace(PART, (_whole, begin, end) => `${begin}${configMap}${end}`)
  .replace(/(holdfast\/program: ).*/, `$1'${digest}'`);
const isCheck = process.argv.includes('--check');
for (const [file, text] of [
  [MANIFEST, manifest],
  [PROGRAM, `${program}\n`],
]) {
  if (!isCheck) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    const name = file.pathname.slice(file.pathname.indexOf('/k8s/') + 1);
    console.error(`${name} is stale: run node examples/trainer/tools/embed.mjs`);
    process.exitCode = 1;
  }
}
