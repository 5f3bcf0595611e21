import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes files that are not there yet: path to text. Throws before the first write when one is. */
export const writeNew = (root, files) => {
  const there = Object.keys(files).filter((path) => existsSync(join(root, path)));
  if (there.length > 0) throw new Error(`already there: ${there.join(', ')}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(`wrote  ${path}`);
  }
};

/** Rewrites a file that lists things. Throws when `change` leaves it as it is: then the list has another shape. */
export const extend = (root, path, change) => {
  const before = readFileSync(join(root, path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path}: found no place to add a line`);
  writeFileSync(join(root, path), after);
  console.log(`added to  ${path}`);
};

/** A list of whole lines, with one more, in order. */
export const withLine = (text, line) =>
  `${[...text.trimEnd().split('\n'), line].sort().join('\n')}\n`;
