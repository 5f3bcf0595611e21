import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generated-files.ts';

const readOr = (file: string, otherwise: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
};

/** Writes the generated files; with `check` it writes nothing and answers the names of those that are not current. */
export const generate = (root: string, check: boolean): string[] => {
  const folder = join(root, 'generated');
  const stale: string[] = [];
  for (const [name, text] of Object.entries(generatedFiles())) {
    if (readOr(join(folder, name), '') === text) continue;
    stale.push(name);
    if (check) continue;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return stale;
};
