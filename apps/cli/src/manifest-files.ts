import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { CliError, EXIT } from './cli-error.ts';

const ROOTS = ['requirements.txt', 'package.json', 'package-lock.json'];
const INCLUDE = /^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)/;
const MAX_BYTES = 900_000;

const readInside = (folder: string, name: string): string => {
  const path = realpathSync(join(folder, name));
  const inside = relative(folder, path);
  if (inside.startsWith('..') || inside.startsWith(sep))
    throw new CliError(`${name}: lies outside of ${folder}`, { exit: EXIT.usage });
  const text = readFileSync(path, 'utf8');
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new CliError(`${name}: over ${MAX_BYTES} bytes`, { exit: EXIT.usage });
  return text;
};

/** The manifests of a folder by relative name, with the files that requirements.txt includes. */
export const readManifests = (directory: string): Record<string, string> => {
  if (!existsSync(directory))
    throw new CliError(`--from ${directory}: there is no such folder`, { exit: EXIT.usage });
  const folder = realpathSync(directory);
  const files: Record<string, string> = {};
  const queue = ROOTS.filter((name) => existsSync(join(folder, name)));
  if (queue.length === 0)
    throw new CliError(`--from ${directory}: neither requirements.txt nor package.json`, {
      exit: EXIT.usage,
    });
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (Object.hasOwn(files, name)) continue;
    if (!existsSync(join(folder, name)))
      throw new CliError(`${name}: included but not there`, { exit: EXIT.usage });
    files[name] = readInside(folder, name);
    if (!name.endsWith('.txt')) continue;
    for (const line of files[name]!.split('\n')) {
      const included = INCLUDE.exec(line)?.[1];
      if (included) queue.push(join(dirname(name), included).split(sep).join('/'));
    }
  }
  return files;
};
