import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StackPlace } from './stack-place.ts';

/**
 * The folder of the command line itself, apart from any stack: HOLDFAST_CLI_DIR, or `holdfast` in the user's folder
 * for settings (XDG Base Directory Specification; %APPDATA% on Windows).
 */
export const configFolder = ({ process: { env, platform } }: StackPlace): string => {
  const own = env['HOLDFAST_CLI_DIR'];
  if (own) return resolve(own);
  const roaming = platform === 'win32' ? env['APPDATA'] : env['XDG_CONFIG_HOME'];
  return join(resolve(roaming || join(homedir(), '.config')), 'holdfast');
};

/** A file name that stands for text of any kind, also where letters of both cases are the same. */
const fileName = (text: string): string =>
  encodeURIComponent(text.toLowerCase()).replaceAll('*', '%2A');

/** The name of a stack in that folder: host and port of its gateway. */
const stackName = (url: string): string => fileName(new URL(url).host);

export const keyFile = (context: StackPlace, url: string, principal: string): string =>
  join(configFolder(context), 'keys', stackName(url), `${fileName(principal)}.json`);

export const sessionFile = (context: StackPlace, url: string): string =>
  join(configFolder(context), 'sessions', `${stackName(url)}.json`);
