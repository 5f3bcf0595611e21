import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { actingCredentials, stackUrl } from './credentials.ts';
import { sessionFile } from './config-folder.ts';
import { writePrivate } from './private-file.ts';
import type { StackPlace } from './stack-place.ts';

const OWNER = { url: 'http://127.0.0.1:8000', token: 'owner-token' };
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-credentials-'));
  writeFileSync(join(home, 'credentials.json'), JSON.stringify(OWNER));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const contextWith = (env: NodeJS.ProcessEnv = {}): StackPlace => ({
  process: { env: { HOLDFAST_CLI_DIR: join(home, 'cli'), ...env }, platform: 'linux' },
  home,
});
const logIn = (url: string, expires_at: string): void =>
  writePrivate(sessionFile(contextWith(), url), {
    url,
    token: 'session',
    principal: 'ann',
    expires_at,
  });

it('acts as the owner of the home unless somebody logged in or a token is given', () => {
  expect(actingCredentials(contextWith())).toMatchObject(OWNER);
  logIn(OWNER.url, '2999-01-01T00:00:00Z');
  expect(actingCredentials(contextWith())).toMatchObject({ url: OWNER.url, token: 'session' });
  const given = contextWith({ HOLDFAST_TOKEN: 'given' });
  expect(actingCredentials(given)).toEqual({ url: OWNER.url, token: 'given' });
});

it('does not act as the owner because a login is over', () => {
  logIn(OWNER.url, '2001-01-01T00:00:00Z');
  expect(() => actingCredentials(contextWith())).toThrow(/login of ann is over/);
});

it('sends no token to another stack than the one that it is for', () => {
  const other = contextWith({ HOLDFAST_URL: 'https://stack.example/' });
  expect(stackUrl(other)).toBe('https://stack.example');
  expect(() => actingCredentials(other)).toThrow(/no token for it/);
  logIn(OWNER.url, '2999-01-01T00:00:00Z');
  expect(() => actingCredentials(other)).toThrow(/no token for it/);
  logIn('https://stack.example', '2999-01-01T00:00:00Z');
  expect(actingCredentials(other).token).toBe('session');
});

it.each(['stack.example', 'ftp://stack.example', 'not a url'])(
  'refuses %s as the address of a stack',
  (url) => {
    expect(() => stackUrl(contextWith({ HOLDFAST_URL: url }))).toThrow(/expected an address/);
  },
);
