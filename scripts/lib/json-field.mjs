import { readFileSync } from 'node:fs';

/** Prints what a JSON file says at a dotted path, as JSON. Usage: node json-field.mjs FILE PATH */
const [file, path] = process.argv.slice(2);
try {
  const found = path
    .split('.')
    .reduce((value, key) => value?.[key], JSON.parse(readFileSync(file, 'utf8')));
  console.log(JSON.stringify(found ?? null));
} catch (error) {
  console.error(`${file}: ${error.message}`);
  process.exitCode = 1;
}
