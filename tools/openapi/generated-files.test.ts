import { readFileSync } from 'node:fs';
import { errorTable } from '@holdfast/contracts';
import { expect, it } from 'vitest';
import { generatedFiles } from './generated-files.ts';

const committed = (name: string): string =>
  readFileSync(new URL(`../../generated/${name}`, import.meta.url), 'utf8');

it('finds the committed files current (else: node tools/openapi/run.mjs)', () => {
  const files = Object.entries(generatedFiles());
  expect(files.map(([name]) => name)).toEqual(['openapi.json', 'errors.md']);
  for (const [name, text] of files) expect(committed(name) === text, name).toBe(true);
});

it('lists every row of the error table in the error page, and no other', () => {
  const listed = [...committed('errors.md').matchAll(/^\| `(\w+)` \| (\d+) \| (\w+) \|/gm)];
  expect(listed.map(([, code, status, retry]) => [code, Number(status), retry])).toEqual(
    Object.entries(errorTable).map(([code, row]) => [code, row.status, row.retry]),
  );
});
