import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  OWNER_TOKEN,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { startFixtureKernel, type FixtureKernel } from './test-support/fixture-kernel.ts';
import { rawExchange } from './test-support/raw-exchange.ts';

let kernel: FixtureKernel;
let gateway: FixtureGateway;
const AUTH = `authorization: Bearer ${OWNER_TOKEN}`;

beforeAll(async () => {
  kernel = await startFixtureKernel();
  gateway = await startFixtureGateway();
});
afterEach(() => {
  gateway.ports = { governance: kernel.port, infrastructure_manager: kernel.port };
});
afterAll(async () => {
  await gateway.stop();
  await kernel.close();
});

const codeOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { code: unknown }).code;
const lastUrl = (): string | undefined => kernel.requests.at(-1)?.url;

describe('routing', () => {
  it('sends each operation to its own kernel by the live port map, also after a change of it', async () => {
    const second = await startFixtureKernel((_request, response) => response.end('"second"'));
    gateway.ports = { governance: kernel.port, infrastructure_manager: second.port };
    expect(await (await gateway.call('/api/changes')).json()).toMatchObject({ method: 'GET' });
    expect(await (await gateway.call('/api/infrastructure/hosts')).json()).toBe('second');
    gateway.ports = { governance: second.port };
    expect(await (await gateway.call('/api/changes')).json()).toBe('second');
    await second.close();
  });

  it('lets a request finish on the old port while new ones go to the new port', async () => {
    const second = await startFixtureKernel((_request, response) => response.end('"new"'));
    let arrived = (): void => {};
    let finish = (): void => {};
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    kernel.handler = (_request, response) => {
      finish = () => response.end('"old"');
      arrived();
    };
    const slow = gateway.call('/api/changes');
    await reached;
    gateway.ports = { governance: second.port };
    expect(await (await gateway.call('/api/changes')).json()).toBe('new');
    finish();
    expect(await (await slow).json()).toBe('old');
    kernel.handler = (request, response) =>
      response.end(JSON.stringify({ method: request.method }));
    await second.close();
  });

  it('answers 404 for an unknown path and 405 with Allow for a wrong method', async () => {
    const unknown = await gateway.call('/api/nothing');
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'not_found']);
    const wrong = await gateway.call('/api/freeze', { method: 'PUT' });
    expect([wrong.status, await codeOf(wrong)]).toEqual([405, 'method_not_allowed']);
    expect(wrong.headers.get('allow')).toBe('GET, POST, DELETE, HEAD, OPTIONS');
  });

  it('offers HEAD where GET is, with the same head and no body', async () => {
    const text = await rawExchange(gateway.port, `HEAD /api/changes HTTP/1.1\r\n${AUTH}`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text.endsWith('\r\n\r\n')).toBe(true);
    expect(kernel.requests.at(-1)!.method).toBe('GET');
  });

  it('says which methods a path has, without a token and without any CORS permission', async () => {
    const url = `http://127.0.0.1:${gateway.port}/api/changes`;
    const response = await fetch(url, { method: 'OPTIONS', headers: { origin: 'http://evil' } });
    expect([response.status, response.headers.get('allow')]).toEqual([
      204,
      'POST, GET, HEAD, OPTIONS',
    ]);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('passes the query on as it came', async () => {
    await gateway.call('/api/changes?state=done&host=a%20b&host=%2e%2e');
    expect(lastUrl()).toBe('/api/changes?state=done&host=a%20b&host=%2e%2e');
  });

  it('passes a trace on, and begins one where there is none', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await gateway.call('/api/changes', { headers: { traceparent, tracestate: 'a=b' } });
    expect(kernel.requests.at(-1)!.headers).toMatchObject({ traceparent, tracestate: 'a=b' });
    await gateway.call('/api/changes', { headers: { traceparent: 'nonsense' } });
    const begun = kernel.requests.at(-1)!.headers['traceparent'];
    expect(begun).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});

describe('hostile targets', () => {
  it.each([
    '/api/changes/..',
    '/api/changes/../freeze',
    '/api/changes/%2e%2e',
    '/api/infrastructure/hosts/%2E%2e/baseline',
    '/api/infrastructure/hosts/.%2e',
    '/api/changes/.',
    '/api/changes/a\\..\\b',
    '/api/changes/a#b',
    '/api/changes/\xe4',
    'changes',
  ])('refuses %s before any kernel sees it', async (target) => {
    const before = kernel.requests.length;
    const text = await rawExchange(gateway.port, `GET ${target} HTTP/1.1\r\n${AUTH}`);
    expect(text).toMatch(/^HTTP\/1\.1 (422|400) /);
    expect(kernel.requests.length).toBe(before);
  });

  it.each(['//api/changes', '/api//changes', '/api/changes/', '/API/changes', '/api/changes%2f'])(
    'does not take %s for a path that it knows',
    async (target) => {
      const before = kernel.requests.length;
      const text = await rawExchange(gateway.port, `GET ${target} HTTP/1.1\r\n${AUTH}`);
      expect(text).toMatch(/^HTTP\/1\.1 404 /);
      expect(kernel.requests.length).toBe(before);
    },
  );

  it('keeps an encoded slash inside the one segment that it is in', async () => {
    const target = '/api/infrastructure/hosts/a%2fbaseline';
    expect((await gateway.call(target)).status).toBe(200);
    expect(lastUrl()).toBe(target);
  });
});
