import { request } from 'node:http';
import { allApis, type Host } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStack, type Stack } from '../harness/stack.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

let stack: Stack;

const send = (
  method: string,
  path: string,
  options: { body?: string | Buffer; token?: string | null; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const token = options.token === undefined ? stack.token() : options.token;
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...options.headers,
    };
    const outgoing = request(stack.url + path, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => {
        const isJson = /^application\/(problem\+)?json/.test(
          String(response.headers['content-type']),
        );
        resolve({
          status: response.statusCode ?? 0,
          text,
          body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
        });
      });
    });
    outgoing.once('error', reject);
    outgoing.end(options.body);
  });

const json = (value: unknown): { body: string } => ({ body: JSON.stringify(value) });
const facts = {
  hostname: 'intruder',
  os_type: 'linux',
  os_name: 'Debian',
  os_version: '12',
  architecture: 'x64',
  cpus: { count: 1, model: 'x' },
  memory: { total_bytes: 1 },
  disks: [],
  gpus: [],
  network_interfaces: [],
};

beforeAll(async () => {
  stack = await createStack();
  const up = await stack.up();
  if (up.code !== 0) throw new Error(up.stderr);
});
afterAll(() => stack.destroy());

describe('bad input is refused by code, changes nothing and shows no trace', () => {
  const changes = '/api/changes';
  const hosts = '/api/infrastructure/hosts';
  const cases: [string, () => Promise<Answer>, number, string][] = [
    ['no token', () => send('GET', hosts, { token: null }), 401, 'unauthenticated'],
    [
      'a wrong token',
      () => send('GET', hosts, { token: 'hf_wrong-token-wrong-token' }),
      403,
      'forbidden',
    ],
    ['malformed JSON', () => send('POST', changes, { body: '{"kind":' }), 400, 'malformed_json'],
    ['JSON that is no object', () => send('POST', changes, { body: '[1]' }), 400, 'malformed_json'],
    [
      'bytes that are not UTF-8',
      () => send('POST', changes, { body: Buffer.from([0x7b, 0xff, 0x7d]) }),
      400,
      'malformed_json',
    ],
    [
      'an unknown field',
      () =>
        send(
          'POST',
          changes,
          json({ kind: 'packages.repair', target: { host: 'local' }, risk: 'low' }),
        ),
      422,
      'invalid_input',
    ],
    [
      'a wrong type',
      () => send('POST', changes, json({ kind: 7, target: { host: 'local' } })),
      422,
      'invalid_input',
    ],
    [
      'a kind that only the engine makes',
      () => send('POST', changes, json({ kind: 'revert', target: { host: 'local' } })),
      422,
      'invalid_input',
    ],
    [
      'an unknown host',
      () => send('POST', changes, json({ kind: 'packages.repair', target: { host: 'nowhere' } })),
      404,
      'host_not_found',
    ],
    ['an unknown change', () => send('GET', `${changes}/chg_none`), 404, 'change_not_found'],
    [
      'a host name that is a path',
      () => send('POST', `${hosts}/register`, json({ hostname: '../../etc', os_type: 'linux' })),
      422,
      'invalid_input',
    ],
    [
      'a baseline file that is a path',
      () =>
        send(
          'PUT',
          `${hosts}/local/baseline`,
          json({ files: { '../requirements.txt': 'six==1\n' }, environments: ['/tmp/x'] }),
        ),
      422,
      'manifest_invalid',
    ],
    [
      'a package name that is an option',
      () =>
        send(
          'POST',
          '/api/infrastructure/updates',
          json({ host_id: 'local', update_type: 'pip', packages: ['--index-url=http://x'] }),
        ),
      422,
      'package_name_invalid',
    ],
    [
      'a body over the limit',
      () => send('POST', changes, { body: Buffer.alloc(10 * 1024 * 1024, 0x20) }),
      413,
      'body_too_large',
    ],
    ['an unknown path', () => send('GET', '/api/nothing'), 404, 'not_found'],
    ['another method', () => send('DELETE', changes), 405, 'method_not_allowed'],
    [
      'an internal operation',
      () => send('POST', '/bus/events', json({ events: [] })),
      404,
      'not_found',
    ],
    ['a wrong cursor', () => send('GET', '/api/log/entries?cursor=abc'), 422, 'cursor_invalid'],
    [
      'a wrong enrolment token',
      () =>
        send('POST', '/api/infrastructure/agents/enrol', {
          ...json({ token: 'x', public_key: 'x', version: '1', facts }),
          token: null,
        }),
      401,
      'enrolment_invalid',
    ],
  ];

  test.each(cases)('%s', async (_, call, status, code) => {
    const before = await stack.governance.listChanges({});
    const answer = await call();
    expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
    expect(answer.text).not.toMatch(/\bat .*\.(?:js|ts):\d+/);
    expect((await stack.governance.listChanges({})).total).toBe(before.total);
  });

  test('a replayed enrolment token', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const key = () =>
      generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { token } = (await send('POST', '/api/infrastructure/enrolments', json({}))).body as {
      token: string;
    };
    const enrol = () =>
      send('POST', '/api/infrastructure/agents/enrol', {
        ...json({ token, public_key: key(), version: '1', facts }),
        token: null,
      });
    expect((await enrol()).status).toBe(201);
    const again = await enrol();
    expect([again.status, again.body['code']]).toEqual([409, 'enrolment_used']);
  });

  test('an approval for another plan', async () => {
    const hostId = (await stack.infrastructure.getHost({ id: 'local' })).id;
    await stack.governance.freeze({ reason: 'hold' });
    const change = await stack.governance.proposeChange({
      kind: 'packages.repair',
      target: { host: hostId },
    });
    await stack.governance.unfreeze({});
    const signature = {
      key: 'ed25519:none',
      issued_at: '2026-01-01T00:00:00.000Z',
      expires_at: '2026-01-01T00:10:00.000Z',
      nonce: 'n',
      value: Buffer.alloc(64).toString('base64'),
    };
    const answer = await send(
      'POST',
      `${changes}/${change.id}/approve`,
      json({ plan_hash: 'f'.repeat(64), signature }),
    );
    expect(['plan_hash_mismatch', 'change_state']).toContain(answer.body['code']);
    expect(answer.status).toBe(409);
    const unsigned = await send(
      'POST',
      `${changes}/${change.id}/approve`,
      json({ plan_hash: 'f'.repeat(64) }),
    );
    expect(unsigned.status).toBe(422);
  });

  test('headers that pretend to come from inside', async () => {
    const principal = Buffer.from(
      JSON.stringify({ id: 'x', kind: 'kernel', role: 'kernel' }),
    ).toString('base64url');
    const answer = await send('GET', hosts, {
      token: null,
      headers: { 'x-holdfast-principal': principal, 'x-holdfast-secret': 'guess' },
    });
    expect(answer.status).toBe(401);
    const port = 8101 + stack.offset;
    const direct = await fetch(`http://127.0.0.1:${port}/api/log/entries`, {
      headers: { 'x-holdfast-secret': 'guess', 'x-holdfast-principal': principal },
    });
    expect(direct.status).toBe(401);
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });
});

describe('the interface', () => {
  test('answers every documented path', async () => {
    const document = (await send('GET', '/openapi.json', { token: null })).body as {
      paths: Record<string, Record<string, unknown>>;
    };
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
    );
    const publicOps = allApis
      .flatMap((api) => Object.values(api.ops))
      .filter((op) => op.role !== 'internal');
    expect(documented.length).toBeGreaterThanOrEqual(
      new Set(publicOps.map((op) => `${op.method} ${op.path}`)).size,
    );
    for (const [method, path] of documented) {
      if (path === '/guardian/stop' || path === '/api/guardian/stop') continue;
      const target = path.replace(/\{\w+\}/g, 'none');
      const answer = await send(
        method,
        target,
        method === 'GET' || method === 'DELETE' ? {} : json({}),
      );
      expect(answer.body['what'], `${method} ${path} has no route`).not.toBe(target);
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
    }
  });

  test('replays events from a position as server-sent events', async () => {
    const list = await stack.bus.listEvents({ limit: 3 });
    const first = list.items[0]!;
    const ids = await new Promise<number[]>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${stack.token()}`,
        accept: 'text/event-stream',
        'last-event-id': String(first.seq),
      };
      const outgoing = request(`${stack.url}/api/events`, { headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          const seen = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
          if (seen.length < 2) return;
          outgoing.destroy();
          resolve(seen);
        });
      });
      outgoing.once('error', reject);
      outgoing.end();
    });
    expect(ids.slice(0, 2)).toEqual(list.items.slice(1, 3).map((item) => item.seq));
  });

  test('registers a host once for an idempotency key', async () => {
    const register = (hostname: string) =>
      send('POST', '/api/infrastructure/hosts/register', {
        ...json({ hostname, os_type: 'windows' }),
        headers: { 'idempotency-key': 'once' },
      });
    const first = (await register('box-1')).body as { host: Host };
    const again = (await register('box-1')).body as { host: Host };
    expect(again.host.id).toBe(first.host.id);
    expect((await register('box-2')).body['code']).toBe('idempotency_mismatch');
    expect(
      (
        await send(
          'POST',
          '/api/infrastructure/hosts/register',
          json({ hostname: 'box-1', os_type: 'windows' }),
        )
      ).body['code'],
    ).toBe('host_exists');
  });
});
