import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import type { ReadContext } from '@holdfast/contracts';
import { askInterpreter } from './interpreter.ts';
import type { Interpreter } from './interpreter.ts';

const INTERPRETERS = ['bin/python', 'bin/python3', 'Scripts/python.exe'];

/** A folder that holds a Python. `venv` is set only for a working virtual environment of its own. */
export interface PythonHome {
  readonly interpreter?: string;
  readonly venv?: Interpreter & { readonly root: string; readonly python: string };
  readonly detail: string;
}
export type VirtualEnvironment = NonNullable<PythonHome['venv']>;

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const findInterpreter = async (root: string): Promise<string | undefined> => {
  for (const candidate of INTERPRETERS) {
    const path = join(root, candidate);
    if (await isFile(path)) return path;
  }
  return undefined;
};

const isInside = (root: string, path: string): boolean => path.startsWith(root + sep);

/** Why the interpreter of a folder with a pyvenv.cfg does not change that folder and nothing else. */
const notIsolated = async (root: string, python: Interpreter): Promise<string | undefined> => {
  if (python.prefix === python.base_prefix) return 'its interpreter is that of the system';
  if ((await realpath(python.prefix).catch(() => '')) !== root) {
    return `its interpreter belongs to ${python.prefix}`;
  }
  const outside = python.site.find((path) => !isInside(root, path));
  if (outside !== undefined) return `its packages are kept in ${outside}`;
  return undefined;
};

/** Looks at a folder, symlinks resolved; undefined when no Python lives there. */
export const inspectPythonHome = async (
  path: string,
  context: ReadContext,
): Promise<PythonHome | undefined> => {
  const root = await realpath(path).catch(() => undefined);
  if (root === undefined) return undefined;
  const configured = await isFile(join(root, 'pyvenv.cfg'));
  const python = await findInterpreter(root);
  if (python === undefined) {
    return configured ? { detail: 'it has a pyvenv.cfg but no interpreter' } : undefined;
  }
  if (!configured) return { interpreter: python, detail: 'it has no pyvenv.cfg' };
  const answer = await askInterpreter(python, context);
  if ('missing' in answer) return { interpreter: python, detail: answer.detail };
  const reason = await notIsolated(root, answer);
  if (reason !== undefined) return { interpreter: python, detail: reason };
  const version = answer.markers.python_full_version ?? '';
  return {
    interpreter: python,
    venv: { ...answer, root, python },
    detail: `a virtual environment of Python ${version}`,
  };
};

/** @throws HoldfastError `environment_not_isolated` for anything but a working virtual environment */
export const requireVirtualEnvironment = async (
  path: string,
  context: ReadContext,
): Promise<VirtualEnvironment> => {
  const home = await inspectPythonHome(path, context);
  if (home?.venv) return home.venv;
  const detail = home?.detail ?? 'there is no Python in it';
  throw new HoldfastError('environment_not_isolated', { path, detail });
};
