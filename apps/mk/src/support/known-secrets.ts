import { homedir } from 'node:os';
import { join } from 'node:path';
import { readObject } from '../artifacts/read-json.ts';
import { isSecretName } from './redact.ts';

/** Shorter values stand for too much else to be taken out wherever they occur. */
const LEAST = 6;

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
};

/** Whatever a licence says about whom it is for, and its signature. */
const licenceTexts = (env: NodeJS.ProcessEnv): string[] => {
  const home = env['HOME'] || homedir();
  const paths = [
    env['MODEKEEPER_LICENSE_PATH'],
    './modekeeper.license.json',
    join(home, '.config/modekeeper/license.json'),
  ];
  return paths.flatMap((path) => {
    const licence = path ? readObject(path) : undefined;
    return textsOf([licence?.['signature'], licence?.['org']]);
  });
};

/** Secret values that this machine knows, longest first, so that none is taken for a part of another. */
export const knownSecrets = (env: NodeJS.ProcessEnv): string[] => {
  const values = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && isSecretName(name) ? [value] : [],
  );
  const all = new Set([...values, ...licenceTexts(env)].map((value) => value.trim()));
  return [...all]
    .filter((value) => value.length >= LEAST)
    .toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
};
