import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  identityOps,
  type AccessToken,
  type ApproverKey,
  type Principal,
} from '@holdfast/contracts';
import {
  CLIENT_ID,
  startRealProvider,
  type RealProvider,
} from '../../kernels/governance/governance/identity/test-support/real-provider.ts';
import { configWith } from '../harness/quick-config.ts';
import { runProgram, type Finished } from '../harness/run-program.ts';
import { createStack, ROOT, type Stack } from '../harness/stack.ts';

type Issued = { readonly token: string; readonly record: AccessToken };
const program = join(ROOT, 'bin', 'holdfast');

let folder: string;
let provider: RealProvider;
let stack: Stack;

/** The command line in the name of a token, or of whoever logged in. */
const as = (token: string | undefined, ...args: string[]): Promise<Finished> =>
  runProgram(program, [...args, '--json'], {
    env: token === undefined ? stack.env : { ...stack.env, HOLDFAST_TOKEN: token },
  });
const codeOf = (finished: Finished): string =>
  finished.json<{ error?: { code: string } }>().error?.code ?? 'not refused';
const call = async (token: string, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${stack.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-identity-'));
  provider = await startRealProvider();
  provider.groups.set('ann', ['admins']);
  const oidc = {
    issuer: provider.issuer,
    client_id: CLIENT_ID,
    scopes: ['openid', 'profile'],
    roles: { admins: 'admin' },
  };
  const config = configWith(join(folder, 'config'), { oidc: JSON.stringify(oidc) });
  stack = await createStack({ env: { HOLDFAST_CONFIG_DIR: config } });
  const { code, stderr } = await stack.up();
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await stack.destroy();
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('principals and tokens', () => {
  test('act by their role and scopes, and end at once when they are revoked', async () => {
    expect((await as(undefined, 'principals', 'add', 'bob', '--role', 'operator')).code).toBe(0);
    const made = await as(undefined, 'tokens', 'create', '--principal', 'bob', '--scope', 'read');
    const { token, record } = made.json<Issued>();
    expect((await as(token, 'whoami')).json<Principal>()).toMatchObject({
      id: 'bob',
      role: 'operator',
      scopes: ['read'],
      token: record.id,
    });
    expect((await call(token, '/api/changes')).status).toBe(200);
    expect((await call(token, '/api/changes', { method: 'POST' })).status).toBe(403);
    const wider = await as(token, 'tokens', 'create');
    expect(codeOf(wider)).toBe('forbidden');

    expect((await as(undefined, 'tokens', 'revoke', record.id)).code).toBe(0);
    expect((await call(token, '/api/changes')).status).toBe(403);
    expect(codeOf(await as(token, 'whoami'))).toBe('forbidden');
  });

  test('stop when their principal is disabled', async () => {
    const { token } = (
      await as(undefined, 'tokens', 'create', '--principal', 'bob')
    ).json<Issued>();
    expect((await as(token, 'changes')).code).toBe(0);
    expect((await as(undefined, 'principals', 'disable', 'bob')).code).toBe(0);
    expect((await call(token, '/api/changes')).status).toBe(403);
    expect((await as(undefined, 'principals', 'enable', 'bob')).code).toBe(0);
    expect((await call(token, '/api/changes')).status).toBe(403);
  });

  test('keep no secret in the ledger, the logs or the store', async () => {
    const made = await as(undefined, 'tokens', 'create', '--principal', 'bob', '--label', 'secret');
    const { token, record } = made.json<Issued>();
    const secret = token.split('_').slice(2).join('_');
    expect((await as(token, 'whoami')).code).toBe(0);
    const entries = await stack.log.listEntries({ limit: 100 });
    const issued = entries.items.find(({ event }) => event.subject === `tokens/${record.id}`);
    expect(issued?.event).toMatchObject({ actor: 'owner', type: 'identity.token.issued' });
    const everything = ['data', 'logs'].flatMap((part) =>
      readdirSync(join(stack.home, part), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')),
    );
    expect(everything.length).toBeGreaterThan(5);
    expect(everything.some((text) => text.includes(record.id))).toBe(true);
    expect(everything.some((text) => text.includes(secret))).toBe(false);
  });
});

describe('keys', () => {
  test('are made on this machine, for their owner only, and registered once', async () => {
    const { token } = (
      await as(undefined, 'tokens', 'create', '--principal', 'bob')
    ).json<Issued>();
    const first = (await as(token, 'keys', 'init')).json<ApproverKey & { path: string }>();
    expect(first).toMatchObject({ principal: 'bob', state: 'active' });
    expect(statSync(first.path).mode & 0o777).toBe(0o600);
    expect((await as(token, 'keys', 'init')).json<ApproverKey>().id).toBe(first.id);
    const other = (await as(token, 'keys', 'init', '--new')).json<ApproverKey>();
    expect(other.id).not.toBe(first.id);
    expect((await as(token, 'keys', 'revoke', first.id)).json<ApproverKey>().state).toBe('revoked');
    const { items } = (await as(undefined, 'keys', '--principal', 'bob')).json<{
      items: ApproverKey[];
    }>();
    expect(items.map(({ state }) => state).toSorted()).toEqual(['active', 'revoked']);
  });
});

describe('a login', () => {
  /** Begins it at the command line, goes through the provider's pages as a browser would, and waits for its end. */
  const logIn = async (login: string): Promise<{ code: number | null; stdout: string }> => {
    const child = spawn(program, ['login', '--json'], { env: stack.env });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let stderr = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        const found = /^ +(http\S+)$/m.exec(stderr)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => reject(new Error(stderr)));
    });
    await fetch(await provider.logIn(url, login));
    return { code: await ended, stdout };
  };

  test('lets somebody act with the role of their groups until they log out', async () => {
    const { code, stdout } = await logIn('ann');
    expect([code, (JSON.parse(stdout) as AccessToken).type]).toEqual([0, 'session']);
    const me = (await as(undefined, 'whoami')).json<Principal>();
    expect(me).toMatchObject({ kind: 'human', role: 'admin' });
    expect(me.id).toMatch(/^oidc:/);
    const { items } = (await as(undefined, 'principals')).json<{ items: { id: string }[] }>();
    expect(items.map(({ id }) => id)).toContain(me.id);
    expect((await as(undefined, 'logout')).json()).toEqual({ ended: me.id });
    expect((await as(undefined, 'whoami')).json<Principal>().id).toBe('owner');
    expect((await as(undefined, 'logout')).json()).toEqual({ ended: null });
  });

  test('counts as one person with the name that an admin linked it to', async () => {
    const { stdout } = await logIn('ann');
    const { principal } = JSON.parse(stdout) as AccessToken;
    expect((await as(undefined, 'logout')).json()).toEqual({ ended: principal });
    const link = (issuer: string) => [
      ...['principals', 'link', 'bob'],
      ...['--issuer', issuer, '--subject', 'ann'],
    ];
    const linked = await as(undefined, ...link(provider.issuer));
    expect(linked.json<{ person: string }>().person).toBe(principal);
    const wrong = await as(undefined, ...link(`${provider.issuer}/`));
    expect([wrong.code, codeOf(wrong)]).toEqual([1, 'issuer_unknown']);
  });

  test('lets nobody in without a group that gives a role', async () => {
    const { code, stdout } = await logIn('eve');
    expect(code).toBe(1);
    expect(stdout).toContain('login_failed');
    expect((await as(undefined, 'whoami')).json<Principal>().id).toBe('owner');
  });
});

test('is asked of governance by the gateway alone', async () => {
  for (const op of [identityOps.introspectToken, identityOps.getIdentityRevision])
    expect((await call(stack.token(), op.path, { method: op.method })).status).toBe(404);
});
