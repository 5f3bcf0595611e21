import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const can = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const findProgram = (name: string, path: string): string | undefined => {
  const candidates = name.includes('/')
    ? [name]
    : path
        .split(delimiter)
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, name));
  return candidates.find((candidate) => can(candidate, constants.X_OK));
};

const checkKubectl = (env: NodeJS.ProcessEnv): Check => {
  const name = env['KUBECTL'] || 'kubectl';
  const found = findProgram(name, env['PATH'] ?? '');
  return { name: 'kubectl', ok: found !== undefined, detail: found ?? `${name} is not on PATH` };
};

const checkKubeconfig = (env: NodeJS.ProcessEnv): Check => {
  const paths = (env['KUBECONFIG'] || join(homedir(), '.kube', 'config')).split(delimiter);
  const found = paths.find((path) => can(path, constants.R_OK));
  return {
    name: 'kubeconfig',
    ok: found !== undefined,
    detail: found ?? `${paths.join(', ')} cannot be read`,
  };
};

/** Looks for what the commands that reach a cluster need. */
export const runChecks = (env: NodeJS.ProcessEnv): readonly Check[] => [
  checkKubectl(env),
  checkKubeconfig(env),
];
