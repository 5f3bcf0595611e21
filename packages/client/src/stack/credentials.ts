import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StackAccessError } from './access-error.ts';
import { sessionFile } from './config-folder.ts';
import { readPrivate } from './private-file.ts';
import type { StackPlace } from './stack-place.ts';

export interface Credentials {
  readonly url: string;
  readonly token: string;
}

/** What a login leaves behind. */
export interface StoredSession extends Credentials {
  readonly principal: string;
  readonly expires_at: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The owner's, which the stack itself wrote into its home. */
export const readCredentials = (home: string): Credentials => {
  const path = join(home, 'credentials.json');
  try {
    const { url, token } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Credentials>;
    if (isText(url) && isText(token)) return { url, token };
    throw new Error('url or token is missing');
  } catch (cause) {
    throw new StackAccessError(`reading ${path}: no credentials`, {
      next: '`bin/holdfast up --detach` starts a stack and writes them',
      cause,
    });
  }
};

/** The stack that is meant: HOLDFAST_URL, or the one of the home. */
export const stackUrl = (context: StackPlace): string => {
  const given = context.process.env['HOLDFAST_URL'];
  if (!given) return readCredentials(context.home).url;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol))
    return new URL(given).origin;
  throw new StackAccessError(
    `HOLDFAST_URL ${given}: expected an address such as http://127.0.0.1:8000`,
  );
};

export const readSession = (context: StackPlace, url: string): StoredSession | undefined => {
  const stored = readPrivate(sessionFile(context, url)) as StoredSession | undefined;
  return stored !== undefined && isText(stored.token) && stored.url === url ? stored : undefined;
};

/**
 * In whose name a command line acts: the token in HOLDFAST_TOKEN, else whoever logged in, else the owner of the
 * home. A session that is over is not made up for by the owner's token, and a token is sent to no stack but its own.
 */
export const actingCredentials = (context: StackPlace): Credentials => {
  const url = stackUrl(context);
  const token = context.process.env['HOLDFAST_TOKEN'];
  if (token) return { url, token };
  const session = readSession(context, url);
  if (session !== undefined) {
    if (Date.parse(session.expires_at) > Date.now()) return session;
    throw new StackAccessError(`the login of ${session.principal} is over`, {
      next: '`bin/holdfast login` begins another, `bin/holdfast logout` forgets it',
    });
  }
  const owner = readCredentials(context.home);
  if (owner.url === url) return owner;
  throw new StackAccessError(`calling ${url}: no token for it`, {
    next: '`bin/holdfast login`, or put a token into HOLDFAST_TOKEN',
  });
};
