import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, runCase } from './lib/golden-case.ts';

const folders = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

for (const tool of folders(fixtures))
  describe(tool, () => {
    it.each(folders(join(fixtures, tool)))('%s', (name) => {
      const expected = readFileSync(join(fixtures, tool, name, 'expected.txt'), 'utf8');
      expect(runCase(tool, name)).toBe(expected);
    });
  });
