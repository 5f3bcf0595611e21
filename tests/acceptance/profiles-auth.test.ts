import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kernelRow } from '@holdfast/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { httpCall } from '../harness/http-call.ts';
import { ships } from '../harness/shipped-kernels.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { createProfileStack } from './support/profile-stack.ts';

const CALLS = [
  ['POST', '/v1/config/propose', { limits: { rate_limit_rps: 60 } }],
  ['POST', '/v1/config/apply', {}],
  ['POST', '/v1/config/revert', {}],
  ['POST', '/v1/config/profile', { profile: 'pro' }],
] as const;

const noAi = ships('ai_runtime') ? '' : ' (SKIPPED: not shipped yet: ai_runtime)';

describe('who may change settings', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await createProfileStack();
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
  });
  afterAll(() => stack?.destroy());

  const call = (method: string, path: string, body: unknown, token?: string) =>
    httpCall(stack.url + path, { method, body, ...(token === undefined ? {} : { token }) });

  /** The token of somebody who may use the stack and not administer it. */
  const tokenOf = async (id: string, role: string): Promise<string> => {
    const owner = stack.token();
    const made = await call('POST', '/auth/principals', { id, role }, owner);
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const issued = await call('POST', '/auth/tokens', { principal: id }, owner);
    expect(issued.status).toBe(201);
    return issued.json<{ token: string }>().token;
  };

  test.each(CALLS)('14: %s %s without a token is 401', async (method, path, body) => {
    expect((await call(method, path, body)).status).toBe(401);
  });

  test.each(CALLS)('14: %s %s with a wrong token is 403', async (method, path, body) => {
    const answer = await call(method, path, body, 'hft_0000000000000000_of-nobody-at-all');
    expect([answer.status, answer.json()]).toMatchObject([403, { code: 'forbidden' }]);
  });

  test('14: the token of an operator, or of a viewer, is 403 for all of them', async () => {
    for (const role of ['operator', 'viewer']) {
      const token = await tokenOf(`some-${role}`, role);
      for (const [method, path, body] of CALLS)
        expect((await call(method, path, body, token)).status, `${role} ${path}`).toBe(403);
      expect((await call('GET', '/v1/config/status', undefined, token)).status).toBe(200);
    }
    const status = await stack.governance.getConfigStatus({});
    expect(status).toMatchObject({ pending: null, active: null });
  });
  test.skipIf(noAi)(`14: reload of the router policy without a token${noAi}`, async () => {
    expect((await call('POST', '/v1/router/policy/reload', {})).status).toBe(401);
  });
  test.skipIf(noAi)(`14: SEAL jobs without a token${noAi}`, async () => {
    expect((await call('POST', '/v1/seal/jobs', {})).status).toBe(401);
  });

  test('16: a kernel that is called itself takes no token that the gateway would not', async () => {
    const port = kernelRow('governance').port + stack.offset;
    for (const token of [
      undefined,
      'hft_0000000000000000_of-nobody-at-all',
      'shared-admin-token',
    ]) {
      const url = `http://127.0.0.1:${port}/v1/config/propose`;
      const answer = await httpCall(url, {
        body: { limits: { rate_limit_rps: 60 } },
        ...(token === undefined ? {} : { token }),
      });
      expect([401, 403]).toContain(answer.status);
    }
    expect(await stack.governance.getConfigStatus({})).toMatchObject({ pending: null });
  });

  test('17: the token is in no log, no file but its own, and no answer', async () => {
    const token = stack.token();
    const answers: string[] = [];
    for (const [method, path, body] of CALLS.slice(0, 3))
      answers.push((await call(method, path, body, token)).text);
    for (const path of [
      '/healthz',
      '/v1/config/status',
      '/v1/config/history',
      '/v1/config/profile',
    ])
      answers.push((await call('GET', path, undefined, token)).text);
    expect(answers.filter((text) => text.includes(token))).toEqual([]);
    const holding = readdirSync(stack.home, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path).includes(token));
    expect(holding).toEqual([join(stack.home, 'credentials.json')]);
  });
});

describe('a start', () => {
  let stack: Stack | undefined;
  afterEach(async () => {
    await stack?.destroy();
    stack = undefined;
  });

  test.each(['', 'changeme', 'admin', 'secret-token', 'change-me-change-me'])(
    '15: with the admin token %j is refused: there is no way to be open',
    async (token) => {
      stack = await createStack({ env: { ADMIN_TOKEN: token } });
      const up = await stack.up();
      expect([up.code, up.stderr]).toEqual([1, expect.stringContaining('admin_token_weak')]);
    },
  );
});
