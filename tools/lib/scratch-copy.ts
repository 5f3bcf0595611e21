import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

const SOURCES = [
  'packages',
  'kernels',
  'drivers',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const LOCAL = new Set(['@holdfast', '.cache', '.bin', '.vite', '.vite-temp', '.package-lock.json']);

/** Copies the workspaces to a temporary folder where they find each other and the installed packages. */
export const scratchCopy = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'holdfast-scaffold-'));
  const installed = join(repository, 'node_modules');
  for (const source of SOURCES)
    cpSync(join(repository, source), join(copy, source), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    });
  mkdirSync(join(copy, 'node_modules', '@holdfast'), { recursive: true });
  for (const name of readdirSync(installed))
    if (!LOCAL.has(name)) symlinkSync(join(installed, name), join(copy, 'node_modules', name));
  for (const name of readdirSync(join(copy, 'packages')))
    symlinkSync(join(copy, 'packages', name), join(copy, 'node_modules', '@holdfast', name));
  return copy;
};
