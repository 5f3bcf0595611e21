import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../harness/stack.ts';

const folders = ['', 'docs/decisions', 'docs/guides', 'docs/runbooks', 'tests', 'bench', 'tools'];
const documents = folders.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

const makeTargets = new Set(
  [...readFileSync(join(ROOT, 'Makefile'), 'utf8').matchAll(/^([a-z-]+):/gm)].map(
    ([, name]) => name!,
  ),
);

/** Paths into the repository: a first segment that is one of its folders, no wildcard. */
const PATHS =
  /`((?:apps|packages|kernels|drivers|config|tests|bench|tools|generated|docs|bin)\/[A-Za-z0-9_./-]*)`/g;
const LINKS = /\]\(([^)#:]+)\)/g;
const MAKE = /`make ([a-z-]+)`/g;

const inRoot = (path: string): boolean => existsSync(join(ROOT, path));

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8');

  test('names only paths that exist', () => {
    const near = (path: string): boolean =>
      inRoot(path) || existsSync(join(ROOT, dirname(document), path));
    expect(
      [...text.matchAll(PATHS)].map(([, path]) => path!).filter((path) => !near(path)),
    ).toEqual([]);
  });

  test('links only to files that exist', () => {
    const links = [...text.matchAll(LINKS)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(join(ROOT, dirname(document), path)))).toEqual([]);
  });

  test('names only commands of the Makefile', () => {
    expect(
      [...text.matchAll(MAKE)].map(([, name]) => name!).filter((name) => !makeTargets.has(name)),
    ).toEqual([]);
  });
});
