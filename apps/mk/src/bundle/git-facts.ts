import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

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

/**
 * The commit that is checked out where `folder` lies, null where it is in no repository. Read from the files of git: a
 * process of its own would cost more than a whole dry run.
 */
export const gitCommit = (folder: string): string | null => {
  for (let at = folder; ; at = dirname(at)) {
    const git = join(at, '.git');
    const head = read(join(git, 'HEAD'));
    if (head !== undefined) {
      const commit = head.startsWith('ref: ') ? resolveRef(git, head.slice(5)) : head;
      return commit !== undefined && HASH.test(commit) ? commit : null;
    }
    if (dirname(at) === at) return null;
  }
};
