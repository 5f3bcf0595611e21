import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineApi, op } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { createClient } from './client.ts';
import { createHttpTransport } from './http-transport.ts';

const api = defineApi({
  kernel: 'governance',
  ops: {
    getThing: op({
      method: 'GET',
      path: '/things/{id}',
      summary: 'one thing',
      input: z.object({ id: z.string(), depth: z.number().optional() }),
      output: z.object({ seen: z.string() }),
      risk: 'read',
      role: 'viewer',
    }),
    putThing: op({
      method: 'PUT',
      path: '/things/{id}',
      summary: 'sets a thing',
      input: z.object({ id: z.string(), colour: z.string() }),
      output: z.record(z.string(), z.unknown()),
      risk: 'change',
      role: 'viewer',
    }),
  },
});

let server: Server;
const serve = async (listener: Parameters<typeof createServer>[1]): Promise<string> => {
  server = createServer(listener as never);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
afterEach(() => {
  server.closeAllConnections();
  server.close();
});
const clientOf = (url: string | undefined) =>
  createClient(
    api,
    createHttpTransport({ baseUrl: () => url, headers: () => ({ 'x-who': 'me' }) }),
  );

test('spreads input over path, query and body, and sends headers and the idempotency key', async () => {
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method, url: target, headers } = request;
    response.end(
      JSON.stringify({
        method,
        target,
        body,
        who: headers['x-who'],
        key: headers['idempotency-key'],
      }),
    );
  });
  expect(await clientOf(url).getThing({ id: 'a/b', depth: 2 })).toMatchObject({
    method: 'GET',
    target: '/things/a%2Fb?depth=2',
    who: 'me',
  });
  const put = await clientOf(url).putThing({ id: 'x', colour: 'red' }, { idempotencyKey: 'k' });
  expect(put).toMatchObject({
    method: 'PUT',
    target: '/things/x',
    body: '{"colour":"red"}',
    key: 'k',
  });
});

test("turns the server's problem into its error", async () => {
  const url = await serve((_, response) => {
    response
      .writeHead(404)
      .end(JSON.stringify({ code: 'host_not_found', id: 'h', detail: "there is no host 'h'" }));
  });
  await expect(clientOf(url).getThing({ id: 'h' })).rejects.toMatchObject({
    code: 'host_not_found',
    message: "there is no host 'h'",
  });
});

test('says timeout, unreachable and broken answers by code', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/things/cut')
      response.writeHead(200, { 'content-length': 100 }).write('{');
    if (request.url === '/things/cut') setImmediate(() => response.destroy());
  });
  await expect(clientOf(url).getThing({ id: 'slow' }, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'kernel_timeout',
  });
  await expect(clientOf(url).getThing({ id: 'cut' })).rejects.toMatchObject({
    code: 'kernel_unavailable',
  });
  await expect(clientOf('http://127.0.0.1:1').getThing({ id: 'x' })).rejects.toMatchObject({
    code: 'kernel_unavailable',
  });
  await expect(clientOf(undefined).getThing({ id: 'x' })).rejects.toMatchObject({
    code: 'kernel_unavailable',
  });
});

test('leaves nothing on a signal that outlives the call, and gives up when it aborts', async () => {
  const url = await serve((request, response) => {
    if (request.url !== '/things/slow') response.end('{}');
  });
  const live = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = live.signal;
  live.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners += 1;
    addEventListener.apply(live.signal, args);
  };
  live.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners -= 1;
    removeEventListener.apply(live.signal, args);
  };
  for (let call = 0; call < 20; call += 1)
    await clientOf(url).getThing({ id: 'x' }, { signal: live.signal });
  expect(listeners).toBe(0);
  const slow = clientOf(url).getThing({ id: 'slow' }, { signal: live.signal });
  setImmediate(() => live.abort());
  await expect(slow).rejects.toMatchObject({ code: 'kernel_unavailable' });
});
