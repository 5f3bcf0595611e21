import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where a program looks for a stack of its user. */
export interface StackPlace {
  readonly process: Pick<NodeJS.Process, 'env' | 'platform'>;
  /** HOLDFAST_HOME, absolute. */
  readonly home: string;
}

/** The home of the stack of this user: HOLDFAST_HOME, else `.holdfast` in the home of the user. Absolute. */
export const stackHome = (env: NodeJS.ProcessEnv): string =>
  resolve(env['HOLDFAST_HOME'] || join(homedir(), '.holdfast'));
