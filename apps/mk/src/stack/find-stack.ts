import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  actingCredentials,
  StackAccessError,
  stackHome,
  type Credentials,
} from '@holdfast/client/stack';
import type { Refusal } from '../apply/route.ts';

/**
 * The stack that this user works with, found as `holdfast` finds it: HOLDFAST_URL, HOLDFAST_TOKEN, a login, the home.
 * Undefined where nothing speaks of one. A stack that is named and cannot be called as it stands is a refusal: it might
 * have said no.
 */
export const findStack = (env: NodeJS.ProcessEnv): Credentials | Refusal | undefined => {
  const home = stackHome(env);
  if (!env['HOLDFAST_URL'] && !existsSync(join(home, 'credentials.json'))) return undefined;
  try {
    return actingCredentials({ process: { env, platform: process.platform }, home });
  } catch (error) {
    if (!(error instanceof StackAccessError)) throw error;
    return { reason: 'unauthenticated', detail: error.message };
  }
};
