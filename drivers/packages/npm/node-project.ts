import { lstat, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, parse, sep } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import type { ReadContext } from '@holdfast/contracts';
import { npmVersionIn, READ_TIMEOUT_MS, runNpm } from './run-npm.ts';

/** A folder that npm manages packages in. `reason` says why it must not be changed. */
export interface NodeProject {
  readonly root: string;
  readonly reason?: string;
}

const isKind = async (path: string, kind: 'isFile' | 'isDirectory'): Promise<boolean> =>
  stat(path).then(
    (found) => found[kind](),
    () => false,
  );

const isSymlink = async (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );

/** Folder of globally installed packages, or what kept npm from naming it. */
export const globalRoot = async (
  context: ReadContext,
): Promise<{ root: string; version?: string } | { missing: boolean }> => {
  const args = ['root', '--global', '--loglevel=info'];
  const run = await runNpm('/', args, { timeoutMs: READ_TIMEOUT_MS, ...context });
  const root = run.stdout.trim();
  if (run.outcome === 'exited' && run.code === 0 && root !== '') {
    return { root, version: npmVersionIn(run.stderr) };
  }
  return { missing: run.outcome === 'missing' };
};

const refusal = async (root: string, context: ReadContext): Promise<string | undefined> => {
  if (root === parse(root).root) return 'it is the root of the file system';
  if (root === (await realpath(homedir()).catch(() => homedir()))) return 'it is a home directory';
  if (root.split(sep).includes('node_modules')) return 'it is inside a node_modules folder';
  const modules = join(root, 'node_modules');
  if (await isSymlink(modules)) return 'its node_modules is a link to another place';
  if (await isKind(join(modules, '.pnpm'), 'isDirectory')) return 'pnpm manages its node_modules';
  const global = await globalRoot(context);
  if ('missing' in global) return 'npm does not run, so it cannot be told from the global prefix';
  const shared = await realpath(global.root).catch(() => global.root);
  const isPrefix = [modules, join(root, 'lib', 'node_modules')].includes(shared);
  return isPrefix || dirname(shared) === root ? 'it is the global prefix of npm' : undefined;
};

/** The folder itself, symlinks resolved; undefined when it has neither a package.json nor a node_modules. */
export const findNodeProject = async (path: string): Promise<string | undefined> => {
  const root = await realpath(path).catch(() => undefined);
  if (root === undefined) return undefined;
  const isProject =
    (await isKind(join(root, 'package.json'), 'isFile')) ||
    (await isKind(join(root, 'node_modules'), 'isDirectory'));
  return isProject ? root : undefined;
};

/** Looks at a folder and at whether it may be changed; undefined when npm has nothing to do with it. */
export const inspectNodeProject = async (
  path: string,
  context: ReadContext,
): Promise<NodeProject | undefined> => {
  const root = await findNodeProject(path);
  return root === undefined ? undefined : { root, reason: await refusal(root, context) };
};

/** @throws HoldfastError `environment_not_isolated` */
export const requireNodeProject = async (path: string, context: ReadContext): Promise<string> => {
  const project = await inspectNodeProject(path, context);
  if (project && project.reason === undefined) return project.root;
  const detail = project?.reason ?? 'it has neither a package.json nor a node_modules folder';
  throw new HoldfastError('environment_not_isolated', { path, detail });
};
