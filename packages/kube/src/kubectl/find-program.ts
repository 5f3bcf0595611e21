import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** The program behind a command as a shell would find it: a path as it is, a name in the folders of `path`. */
export const findProgram = (command: string, path: string | undefined): string | undefined => {
  if (/[/\\]/.test(command)) return isExecutable(command) ? command : undefined;
  const suffixes = process.platform === 'win32' ? ['', '.exe', '.cmd'] : [''];
  return (path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => suffixes.map((suffix) => join(folder, command + suffix)))
    .find(isExecutable);
};
