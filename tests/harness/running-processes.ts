import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, type ProcessIdentity } from '@holdfast/sdk/process';

export interface NamedProcess extends ProcessIdentity {
  readonly name: string;
}

const read = <T>(path: string, fallback: T): T => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return fallback;
  }
};

/** The processes of a home that live now, from its run files: also while nothing answers. */
export const runningProcesses = async (home: string): Promise<NamedProcess[]> => {
  const one = (name: string): NamedProcess[] => {
    const found = read<ProcessIdentity | undefined>(join(home, 'run', `${name}.json`), undefined);
    return found ? [{ ...found, name }] : [];
  };
  const children = read<NamedProcess[]>(join(home, 'run', 'processes.json'), []);
  const all = [...one('keeper'), ...one('guardian'), ...children];
  const alive = await Promise.all(all.map((known) => isSameProcess(known)));
  return all.filter((_, index) => alive[index]);
};

/** Ends one of them the hard way; false when it was gone already. */
export const killHard = async (one: NamedProcess): Promise<boolean> => {
  if (!(await isSameProcess(one))) return false;
  process.kill(one.pid, 'SIGKILL');
  return true;
};
