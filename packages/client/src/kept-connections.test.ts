import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { defineApi, op } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { createClient } from './client.ts';
import { createHttpTransport } from './http-transport.ts';
import { KeptConnections } from './kept-connections.ts';

const say = { input: z.object({}), output: z.object({ by: z.number() }), role: 'viewer' } as const;
const api = defineApi({
  kernel: 'governance',
  ops: {
    look: op({ ...say, method: 'GET', path: '/look', summary: 'reads', risk: 'read' }),
    change: op({ ...say, method: 'POST', path: '/change', summary: 'changes', risk: 'change' }),
    hang: op({ ...say, method: 'GET', path: '/hang', summary: 'answers late', risk: 'read' }),
  },
});

let server: Server;
let hanging: ServerResponse[];
let sockets: Socket[];
/** Answers with the number of the connection, counted from 1. */
const serve = async () => {
  hanging = [];
  sockets = [];
  server = createServer((request, response) => {
    if (request.url === '/hang') hanging.push(response);
    else response.end(JSON.stringify({ by: sockets.indexOf(request.socket) + 1 }));
    server.emit('arrived');
  });
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new KeptConnections();
  const baseUrl = (): string => `http://127.0.0.1:${port}`;
  return {
    port,
    agent,
    client: createClient(api, createHttpTransport({ baseUrl, headers: () => ({}), agent })),
  };
};
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('are used again by the next call', async () => {
  const { client } = await serve();
  expect(await client.look({})).toEqual({ by: 1 });
  expect(await client.change({})).toEqual({ by: 1 });
});

test('to a port that was let go are closed when idle, and calls after that come on fresh ones', async () => {
  const { client, agent, port } = await serve();
  await client.look({});
  const closed = once(sockets[0]!, 'close');
  agent.letGo(port);
  await closed;
  expect(await client.look({})).toEqual({ by: 2 });
  expect(await client.look({})).toEqual({ by: 3 });
});

test('to a port that was let go finish their answer before they are closed', async () => {
  const { client, agent, port } = await serve();
  const late = client.hang({});
  await once(server, 'arrived');
  const closed = once(sockets[0]!, 'close');
  agent.letGo(port);
  hanging[0]!.end('{"by":1}');
  expect(await late).toEqual({ by: 1 });
  await closed;
});

test('to other ports are kept', async () => {
  const { client, agent, port } = await serve();
  await client.look({});
  agent.letGo(port + 1);
  expect(await client.look({})).toEqual({ by: 1 });
});

test('that were closed just when a read was sent cost it nothing; a change without a key is not sent twice', async () => {
  const { client } = await serve();
  const hangUp = async (): Promise<void> => {
    await client.look({});
    server.prependOnceListener('request', () => sockets.at(-1)!.resetAndDestroy());
  };
  await hangUp();
  expect(await client.look({})).toEqual({ by: 2 });
  await hangUp();
  await expect(client.change({})).rejects.toMatchObject({ code: 'kernel_unavailable' });
  await hangUp();
  expect(await client.change({}, { idempotencyKey: 'k' })).toMatchObject({
    by: expect.any(Number),
  });
});
