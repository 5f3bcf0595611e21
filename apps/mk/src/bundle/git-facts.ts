import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HASH = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
};

const resolveRef = (git: string, ref: string): string | undefined =>
  read(join(git, ref)) ??
  read(join(git, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0];

const GIVE_UP_MS = 2_000;

/** Whether tracked files differ from what is committed; null where git cannot say. */
const isDirty = (folder: string): boolean | null => {
  const args = ['--no-optional-locks', '-C', folder, 'status', '--porcelain', '-uno'];
  const named = ([name]: [string, unknown]): boolean => !name.startsWith('GIT_');
  const env = Object.fromEntries(Object.entries(process.env).filter(named));
  const { status, stdout } = spawnSync('git', args, { env, encoding: 'utf8', timeout: GIVE_UP_MS });
  return status === 0 ? stdout !== '' : null;
};

/** The commit that is checked out and whether files differ from it; nulls where there is no repository. */
export interface GitFacts {
  readonly git_commit: string | null;
  readonly git_dirty: boolean | null;
}

/** What git says now of the place where `folder` lies. No process is started where there is no repository. */
export const lookAtGit = (folder: string): GitFacts => {
  for (let at = folder; ; at = dirname(at)) {
    const git = join(at, '.git');
    const head = read(join(git, 'HEAD'));
    if (head !== undefined) {
      const commit = head.startsWith('ref: ') ? resolveRef(git, head.slice(5)) : head;
      return commit !== undefined && HASH.test(commit)
        ? { git_commit: commit, git_dirty: isDirty(at) }
        : { git_commit: null, git_dirty: null };
    }
    if (dirname(at) === at) return { git_commit: null, git_dirty: null };
  }
};

let ofProgram: GitFacts | undefined;

/** What git said of this program when it was asked for the first time: what runs does not change by then. */
export const gitFacts = (): GitFacts =>
  (ofProgram ??= lookAtGit(dirname(fileURLToPath(import.meta.url))));
