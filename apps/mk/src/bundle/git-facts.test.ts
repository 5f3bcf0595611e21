import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lookAtGit } from './git-facts.ts';

const folderOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'mk-git-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const checkout = () => {
  const folder = folderOf();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  git('init', '--quiet');
  writeFileSync(join(folder, 'one'), '1');
  git('add', 'one');
  git('commit', '--quiet', '--message', 'one');
  return { folder, git };
};

it('says which commit is checked out, and whether files differ from it', () => {
  const { folder, git } = checkout();
  const git_commit = git('rev-parse', 'HEAD');
  const below = join(folder, 'a', 'b');
  mkdirSync(below, { recursive: true });
  expect(lookAtGit(below)).toEqual({ git_commit, git_dirty: false });
  git('pack-refs', '--all');
  expect(lookAtGit(below)).toEqual({ git_commit, git_dirty: false });
  writeFileSync(join(folder, 'of its own'), '');
  expect(lookAtGit(below)).toEqual({ git_commit, git_dirty: false });
  writeFileSync(join(folder, 'one'), '2');
  expect(lookAtGit(below)).toEqual({ git_commit, git_dirty: true });
});

it('says nothing where there is no repository, and no more than it can read', () => {
  const folder = folderOf();
  expect(lookAtGit(folder)).toEqual({ git_commit: null, git_dirty: null });
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/none\n');
  expect(lookAtGit(folder)).toEqual({ git_commit: null, git_dirty: null });
  writeFileSync(join(folder, '.git', 'HEAD'), 'a'.repeat(40));
  expect(lookAtGit(folder)).toEqual({ git_commit: 'a'.repeat(40), git_dirty: null });
});
