import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRINCIPAL_HEADER, SECRET_HEADER, type Principal } from '@holdfast/contracts';
import {
  OPERATOR_TOKEN,
  OWNER_TOKEN,
  SECRET,
  VIEWER_TOKEN,
  bearer,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { fixtureProfile } from './test-support/fixture-profile.ts';
import { startFixtureKernel, type FixtureKernel } from './test-support/fixture-kernel.ts';

let kernel: FixtureKernel;
let gateway: FixtureGateway;

beforeAll(async () => {
  kernel = await startFixtureKernel();
  gateway = await startFixtureGateway({
    ports: {
      infrastructure_manager: kernel.port,
      governance: kernel.port,
      message_bus: kernel.port,
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await kernel.close();
});

const anonymously = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${gateway.port}${path}`, init);
const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { code: unknown }).code;
const lastPrincipal = (): Principal => {
  const text = String(kernel.requests.at(-1)!.headers[PRINCIPAL_HEADER]);
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Principal;
};

describe('authentication', () => {
  it.each([
    ['no Authorization field', {}],
    ['another scheme', { authorization: 'Basic b3duZXI6eA==' }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('answers 401 with a challenge to %s', async (_name, headers) => {
    const before = kernel.requests.length;
    const response = await anonymously('/api/changes', { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer /);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await codeOf(response)).toBe('unauthenticated');
    expect(kernel.requests.length).toBe(before);
  });

  it('answers 403 to a wrong token, again from memory, and to one of absurd length', async () => {
    const before = kernel.requests.length;
    for (const token of ['wrong-token-1', 'wrong-token-1', 'x'.repeat(2000)]) {
      const response = await gateway.call('/api/changes', { headers: bearer(token) });
      expect(response.status).toBe(403);
      expect(await codeOf(response)).toBe('forbidden');
    }
    expect(kernel.requests.length).toBe(before);
  });

  it('passes the principal and the secret of the start to the kernel, and never the token', async () => {
    expect((await gateway.call('/api/changes', { headers: bearer(OPERATOR_TOKEN) })).status).toBe(
      200,
    );
    const { headers } = kernel.requests.at(-1)!;
    expect(headers[SECRET_HEADER]).toBe(SECRET);
    expect(headers.authorization).toBeUndefined();
    expect(lastPrincipal()).toEqual({ id: 'operator-1', kind: 'human', role: 'operator' });
  });

  it('takes a second call with a known token without another look at the records', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        gateway.call('/api/changes', { headers: bearer(VIEWER_TOKEN) }),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
  });

  it('ignores internal header fields from outside', async () => {
    const forged = Buffer.from(JSON.stringify({ id: 'root', kind: 'kernel', role: 'kernel' }));
    const headers = {
      [PRINCIPAL_HEADER]: forged.toString('base64url'),
      [SECRET_HEADER]: 'guess',
      'x-holdfast-anything': 'x',
    };
    const refused = await anonymously('/api/changes', { headers });
    expect(refused.status).toBe(401);
    await gateway.call('/api/changes', { headers: { ...headers, ...bearer(VIEWER_TOKEN) } });
    expect(lastPrincipal().id).toBe('viewer-1');
    expect(kernel.requests.at(-1)!.headers[SECRET_HEADER]).toBe(SECRET);
    expect(kernel.requests.at(-1)!.headers['x-holdfast-anything']).toBeUndefined();
  });

  it('lets anyone call what anyone may call, in the name of nobody', async () => {
    const response = await anonymously('/api/infrastructure/agents/enrol', {
      method: 'POST',
      body: '{}',
    });
    expect(response.status).toBe(200);
    expect(kernel.requests.at(-1)!.headers[PRINCIPAL_HEADER]).toBeUndefined();
    expect(kernel.requests.at(-1)!.headers[SECRET_HEADER]).toBe(SECRET);
  });
});

describe('authorisation', () => {
  it.each([
    [VIEWER_TOKEN, 'GET', '/api/changes', 200],
    [VIEWER_TOKEN, 'POST', '/api/changes', 403],
    [OPERATOR_TOKEN, 'POST', '/api/changes', 200],
    [OPERATOR_TOKEN, 'DELETE', '/api/freeze', 403],
    [OWNER_TOKEN, 'DELETE', '/api/freeze', 200],
    [VIEWER_TOKEN, 'POST', '/guardian/stop', 403],
  ])('weighs the role of %s for %s %s: %i', async (token, method, path, status) => {
    const before = kernel.requests.length;
    const response = await gateway.call(path, { method, headers: bearer(token) });
    expect(response.status).toBe(status);
    expect(kernel.requests.length).toBe(status === 200 ? before + 1 : before);
  });

  it.each([
    ['POST', '/bus/events'],
    ['POST', '/api/bus/events'],
    ['POST', '/driver/apply'],
    ['POST', '/governance/runs/x/report'],
    ['GET', '/metrics'],
    ['GET', '/ready'],
  ])('does not know internal operations: %s %s', async (method, path) => {
    const before = kernel.requests.length;
    const response = await gateway.call(path, { method });
    expect(response.status).toBe(404);
    expect(kernel.requests.length).toBe(before);
  });
});

describe('limits', () => {
  it('refuses a principal over its rate with Retry-After, and nobody else', async () => {
    const limited = await startFixtureGateway({
      ports: { governance: kernel.port },
      profile: fixtureProfile({ limits: { rate_limit_rps: 1 } }),
    });
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const response = await limited.call('/api/changes');
      statuses.push(response.status);
      if (response.status === 429) {
        expect(response.headers.get('retry-after')).toBe('1');
        expect(await codeOf(response)).toBe('rate_limited');
      }
    }
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(statuses).toContain(429);
    const other = await limited.call('/api/changes', { headers: bearer(VIEWER_TOKEN) });
    expect(other.status).toBe(200);
    const probes = Array.from({ length: 10 }, () => limited.call('/healthz'));
    expect((await Promise.all(probes)).map((probe) => probe.status)).toEqual(Array(10).fill(200));
    await limited.stop();
  });

  it('gives its part of the rate when several processes share the callers, rounded up', async () => {
    const limited = await startFixtureGateway({
      ports: { governance: kernel.port },
      profile: fixtureProfile({ limits: { rate_limit_rps: 5 } }),
      share: 2,
    });
    const answers = Array.from({ length: 20 }, () => limited.call('/api/changes'));
    const refused = (await Promise.all(answers)).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(await refused[0]!.json()).toMatchObject({ limit: 3 });
    await limited.stop();
  });

  it('stops hashing for an address that keeps guessing, while known tokens go on working', async () => {
    const guessed = await startFixtureGateway({ ports: { governance: kernel.port } });
    expect((await guessed.call('/api/changes')).status).toBe(200);
    const guesses = Array.from({ length: 60 }, (_, index) =>
      guessed.call('/api/changes', { headers: bearer(`guess-${index}`) }),
    );
    const statuses = (await Promise.all(guesses)).map((response) => response.status);
    expect(new Set(statuses)).toEqual(new Set([403, 429]));
    expect(statuses.filter((status) => status === 403).length).toBeLessThan(30);
    expect((await guessed.call('/api/changes')).status).toBe(200);
    await guessed.stop();
  });
});

it('writes no token to the log', async () => {
  gateway.ports = {};
  expect((await gateway.call('/api/changes?secret=in-query')).status).toBe(503);
  gateway.ports = { governance: kernel.port };
  const text = gateway.logged.join('');
  expect(text).toContain('kernel_unavailable');
  expect(text).not.toContain(OWNER_TOKEN);
  expect(text).not.toContain('in-query');
});
