import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putInPlace, recoverStaging, withStagedTree } from './staging.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'holdfast-staging-'));
  await mkdir(join(root, 'node_modules/one'), { recursive: true });
  await writeFile(join(root, 'node_modules/one/package.json'), 'previous');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Renames until the tree was set aside; by then somebody has made a node_modules of their own. */
const disturbed = async (from: string, to: string): Promise<void> => {
  await rename(from, to);
  if (to.endsWith('previous')) {
    await mkdir(join(from, 'stranger'), { recursive: true });
  }
};
const exchange = (move: (from: string, to: string) => Promise<void>) =>
  withStagedTree(root, '{}', (folder) => putInPlace(root, folder, [], move));
const stagingFolders = async () =>
  (await readdir(root)).filter((name) => name.startsWith('.holdfast-npm-'));

it('keeps the previous tree, and says where, when it can neither be replaced nor put back', async () => {
  const failure = (await exchange(disturbed).catch((error: unknown) => error)) as Error;
  const where = /the previous one is in (.+?previous)/.exec(failure.message)?.[1] ?? '';
  expect(dirname(dirname(where))).toBe(root);
  const kept = join(where, 'one/package.json');
  expect(await readFile(kept, 'utf8')).toBe('previous');
  await recoverStaging(root);
  expect(await readFile(kept, 'utf8')).toBe('previous');

  await rm(join(root, 'node_modules'), { recursive: true });
  await recoverStaging(root);
  expect(await readFile(join(root, 'node_modules/one/package.json'), 'utf8')).toBe('previous');
  expect(await stagingFolders()).toEqual([]);
});

it('puts the previous tree back and leaves nothing behind when it cannot be replaced', async () => {
  const once = async (from: string, to: string): Promise<void> => {
    if (to.endsWith('node_modules') && !from.endsWith('previous'))
      throw new Error('the disk broke');
    await rename(from, to);
  };
  await expect(exchange(once)).rejects.toThrow('the disk broke');
  expect(await readFile(join(root, 'node_modules/one/package.json'), 'utf8')).toBe('previous');
  expect(await stagingFolders()).toEqual([]);
});

it('leaves nothing behind when the tree was replaced', async () => {
  await exchange(rename);
  expect(await stagingFolders()).toEqual([]);
});
