import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineApi, op, streamOp, type Principal } from '@holdfast/contracts';
import { createWorld } from '@holdfast/testkit';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { askGateway, rememberTokens } from '../http/bearer-auth.ts';
import { internalHeaders } from '../http/internal-auth.ts';
import { createLogger } from '../log/logger.ts';
import { defineKernel } from './define-kernel.ts';
import { createKernelServer } from './kernel-server.ts';

const SECRET = 'secret-of-this-start';
const owner: Principal = { id: 'ada', kind: 'human', role: 'owner' };
const viewer: Principal = { id: 'bob', kind: 'human', role: 'viewer' };
const TOKENS: Record<string, Principal> = { 'token-of-ada': owner, 'token-of-bob': viewer };

const said = { input: z.object({}), output: z.object({ by: z.string() }), risk: 'read' } as const;
const get = { ...said, method: 'GET', summary: 'answers' } as const;
const api = defineApi({
  kernel: 'librarian_kernel',
  ops: {
    search: op({ ...get, path: '/search', role: 'viewer' }),
    reindex: op({ ...get, path: '/reindex', role: 'admin' }),
    handOver: op({ ...get, path: '/internal/hand-over', role: 'internal' }),
    slow: op({ ...get, path: '/slow', role: 'viewer' }),
    wait: op({
      ...get,
      path: '/wait',
      role: 'viewer',
      input: z.object({ wait_ms: z.coerce.number() }),
    }),
    follow: streamOp({ ...get, path: '/follow', role: 'viewer', stream: 'ndjson' }),
  },
});

const aborted = (signal: AbortSignal): Promise<unknown> =>
  signal.aborted ? Promise.resolve() : once(signal, 'abort');

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
});

const listen = async (server: ReturnType<typeof createServer>): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

/** Answers who a token belongs to, as the gateway does. */
const startGateway = async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const principal = TOKENS[request.headers.authorization?.replace('Bearer ', '') ?? ''];
    response.statusCode = principal === undefined ? 401 : 200;
    response.end(JSON.stringify(principal ?? { code: 'unauthenticated' }));
  });
  return { asked, server, port: await listen(server) };
};

const startKernel = async (gatewayPort: number) => {
  const gate = {
    open: (): void => {},
    entered: (): void => {},
    busy: undefined as string | undefined,
  };
  const kernel = defineKernel({
    id: 'librarian_kernel',
    api,
    config: { schema: z.object({}), fromProfile: () => ({}) },
    needs: {},
    subscribes: [],
    migrations: [],
    init: async () => ({
      busy: () => gate.busy,
      handlers: {
        search: async (_input, { principal }) => ({ by: principal.id }),
        reindex: async (_input, { principal }) => ({ by: principal.id }),
        handOver: async (_input, { principal }) => ({ by: principal.id }),
        async slow(_input, { signal }) {
          const opened = new Promise<void>((resolve) => (gate.open = resolve));
          gate.entered();
          await opened;
          return { by: signal.aborted ? 'nobody' : 'finished' };
        },
        async wait(_input, { signal }) {
          gate.entered();
          await aborted(signal);
          return { by: 'told to end' };
        },
        async *follow(_input, { signal }) {
          yield { data: { by: 'first' } };
          gate.entered();
          await aborted(signal);
        },
      },
    }),
  });
  const world = await createWorld({ kernels: [kernel] });
  closers.push(() => world.close());
  const server = createKernelServer(
    world.host('librarian_kernel'),
    SECRET,
    createLogger('t', 'fatal'),
    { checkToken: rememberTokens(askGateway(gatewayPort)), restarts: 3, build: 'b1' },
  );
  const port = await listen(server);
  const call = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers });
  /** Resolves once a handler that waits was entered. */
  const entered = (): Promise<void> => new Promise((resolve) => (gate.entered = resolve));
  return { gate, server, call, entered, port };
};

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('lets a person in by a token that the gateway knows, with that role', async () => {
  const gateway = await startGateway();
  const { call } = await startKernel(gateway.port);
  const found = await call('/search', bearer('token-of-bob'));
  expect([found.status, await found.json()]).toEqual([200, { by: 'bob' }]);
  expect((await call('/reindex', bearer('token-of-bob'))).status).toBe(403);
  expect((await call('/reindex', bearer('token-of-ada'))).status).toBe(200);
  expect(gateway.asked).toEqual(['/auth/whoami', '/auth/whoami']);
});

test('keeps internal operations from every token', async () => {
  const gateway = await startGateway();
  const { call } = await startKernel(gateway.port);
  expect((await call('/internal/hand-over', bearer('token-of-ada'))).status).toBe(403);
  const inside = internalHeaders(SECRET, { id: 'kernel:x', kind: 'kernel', role: 'kernel' });
  expect((await call('/internal/hand-over', inside)).status).toBe(200);
});

test('refuses a wrong token, no token, and a wrong secret that comes with a good token', async () => {
  const gateway = await startGateway();
  const { call } = await startKernel(gateway.port);
  const wrong = internalHeaders('guessed', owner);
  for (const path of ['/search', '/metrics', '/ready']) {
    expect((await call(path, bearer('guessed'))).status).toBe(401);
    expect((await call(path)).status).toBe(401);
    expect((await call(path, { ...wrong, ...bearer('token-of-ada') })).status).toBe(401);
  }
});

test('does not believe a principal that comes with a token', async () => {
  const gateway = await startGateway();
  const { call } = await startKernel(gateway.port);
  const { [Object.keys(internalHeaders(SECRET, owner))[0]!]: _secret, ...claim } = internalHeaders(
    SECRET,
    owner,
  );
  const answer = await call('/search', { ...claim, ...bearer('token-of-bob') });
  expect(await answer.json()).toEqual({ by: 'bob' });
});

test('says that the gateway is away when it cannot be asked', async () => {
  const gateway = await startGateway();
  const closed = once(gateway.server, 'close');
  gateway.server.close();
  await closed;
  const { call } = await startKernel(gateway.port);
  const answer = await call('/search', bearer('token-of-ada'));
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'kernel_unavailable' }]);
});

test('shows restarts, build and requests to who has a token', async () => {
  const gateway = await startGateway();
  const { call } = await startKernel(gateway.port);
  await call('/search', bearer('token-of-bob'));
  const text = await (await call('/metrics', bearer('token-of-bob'))).text();
  expect(text).toContain('holdfast_restarts_total{kernel="librarian_kernel"} 3');
  expect(text).toMatch(
    /holdfast_build_info\{kernel="librarian_kernel",version="[^"]+",build="b1"\} 1/,
  );
  expect(text).toContain(
    'holdfast_requests_total{kernel="librarian_kernel",op="search",status="200"} 1',
  );
  expect(await (await call('/ready', bearer('token-of-bob'))).json()).toEqual({ ready: true });
});

test('counts calls but not looks at its health, and is not idle while one runs or it says that it is busy', async () => {
  const gateway = await startGateway();
  const { call, server, gate, entered } = await startKernel(gateway.port);
  for (const path of ['/health', '/metrics', '/ready']) await (await call(path)).text();
  expect(server.activity().requests).toBe(0);
  const inside = entered();
  const slow = call('/slow', bearer('token-of-bob'));
  await inside;
  expect(server.activity()).toEqual({ idleMs: 0, requests: 1 });
  gate.open();
  await (await slow).text();
  while (server.activity().idleMs === 0) await new Promise(setImmediate);
  gate.busy = 'indexing';
  expect(server.activity()).toEqual({ idleMs: 0, requests: 1 });
});

test('finishes running calls when it drains, and ends streams and waits for news', async () => {
  const gateway = await startGateway();
  const { call, server, gate, entered } = await startKernel(gateway.port);
  const started: Promise<Response>[] = [];
  for (const path of ['/slow', '/wait?wait_ms=30000', '/follow']) {
    const inside = entered();
    started.push(call(path, bearer('token-of-bob')));
    await inside;
  }
  const drained = server.drain();
  const [slow, wait, follow] = started;
  expect(await (await wait!).json()).toEqual({ by: 'told to end' });
  expect(await (await follow!).text()).toBe('{"by":"first"}\n');
  gate.open();
  expect(await (await slow!).json()).toEqual({ by: 'finished' });
  await drained;
});

test('serves a connection that somebody else accepted', async () => {
  const gateway = await startGateway();
  const { server } = await startKernel(gateway.port);
  const doorman = createServer();
  doorman.removeAllListeners('connection');
  doorman.on('connection', (socket) => server.emit('connection', socket));
  const port = await listen(doorman);
  const answer = await fetch(`http://127.0.0.1:${port}/search`, {
    headers: bearer('token-of-bob'),
  });
  expect(await answer.json()).toEqual({ by: 'bob' });
});
