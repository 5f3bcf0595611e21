import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a generated file; with `check`, only says whether the one on disk is the same and sets exit code 1 if not. */
export const generatedFile = (root, path, text, { check, command }) => {
  const file = join(root, path);
  const current = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (current === text) {
    console.log(`${path}: current`);
  } else if (check) {
    console.error(`${path}: ${current === undefined ? 'missing' : 'not current'}; run: ${command}`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`${path}: written`);
  }
};
