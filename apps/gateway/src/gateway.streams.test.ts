import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AGENT_PATH, PRINCIPAL_HEADER, SECRET_HEADER, defineApi } from '@holdfast/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  OWNER_TOKEN,
  SECRET,
  bearer,
  startFixtureGateway,
  type FixtureGateway,
} from './test-support/fixture-gateway.ts';
import { startFixtureKernel, type FixtureKernel } from './test-support/fixture-kernel.ts';
import { rawExchange, readToEnd, sendRaw } from './test-support/raw-exchange.ts';

let kernel: FixtureKernel;
let gateway: FixtureGateway;

beforeEach(async () => {
  kernel = await startFixtureKernel();
  gateway = await startFixtureGateway({
    ports: { message_bus: kernel.port, immutable_log: kernel.port },
    limits: { firstByteMs: 300 },
  });
});
afterEach(async () => {
  await gateway.stop();
  await kernel.close();
});

/** Resolves with the kernel's side of the next stream. */
const nextStream = (type: string): Promise<ServerResponse> =>
  new Promise((resolve) => {
    kernel.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': type });
      response.flushHeaders();
      resolve(response);
    };
  });

describe('server-sent events', () => {
  const open = (headers: Record<string, string> = {}): Promise<Response> =>
    gateway.call('/api/events?after=7', { headers: { accept: 'text/event-stream', ...headers } });

  it('pass through piece by piece, with Last-Event-ID on the way in', async () => {
    const stream = nextStream('text/event-stream');
    const response = await open({ 'last-event-id': '41' });
    const reader = response.body!.getReader();
    const source = await stream;
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(kernel.requests.at(-1)!.headers['last-event-id']).toBe('41');
    expect(kernel.requests.at(-1)!.url).toBe('/api/events?after=7');
    for (const text of ['id: 42\ndata: {}\n\n', ':\n\n', 'id: 43\ndata: "\u2713"\n\n']) {
      source.write(text);
      const { value } = await reader.read();
      expect(new TextDecoder().decode(value)).toBe(text);
    }
    source.end();
    expect((await reader.read()).done).toBe(true);
  });

  it('end at the kernel when the caller leaves', async () => {
    const stream = nextStream('text/event-stream');
    const leaving = new AbortController();
    const headers = { accept: 'text/event-stream' };
    await gateway.call('/api/events', { headers, signal: leaving.signal });
    const source = await stream;
    const ended = once(source, 'close');
    leaving.abort();
    await ended;
    expect(source.writableFinished).toBe(false);
  });

  it('are cut when the gateway stops', async () => {
    const stream = nextStream('text/event-stream');
    const response = await open();
    const source = await stream;
    const ended = once(source, 'close');
    await gateway.stop();
    await ended;
    await expect(response.text()).rejects.toThrow();
  });
});

describe('a long answer', () => {
  it('comes whole, in order', async () => {
    const line = `${'x'.repeat(1000)}\n`;
    kernel.handler = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      for (let index = 0; index < 5000; index += 1) response.write(`${index}${line}`);
      response.end();
    };
    const text = await (await gateway.call('/api/log/export')).text();
    const rows = text.trimEnd().split('\n');
    expect(rows.length).toBe(5000);
    expect(rows.every((row, index) => row === `${index}${line.trimEnd()}`)).toBe(true);
  });

  it('is cut, and nothing is put into it, when the next request on its connection is unreadable', async () => {
    const stream = nextStream('application/x-ndjson');
    const head = `GET /api/log/export HTTP/1.1\r\nauthorization: Bearer ${OWNER_TOKEN}`;
    const caller = await sendRaw(gateway.port, `${head}\r\nhost: g\r\n\r\n`);
    const source = await stream;
    const ended = once(source, 'close');
    source.write('{"index":0}\n');
    const [first] = (await once(caller, 'data')) as [Buffer];
    const rest = readToEnd(caller);
    caller.write('\x00 not http\r\n\r\n');
    await ended;
    const text = String(first) + (await rest);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('goes no faster than the caller reads it', async () => {
    const stream = nextStream('application/x-ndjson');
    const head = `GET /api/log/export HTTP/1.1\r\nauthorization: Bearer ${OWNER_TOKEN}`;
    const caller = await sendRaw(gateway.port, `${head}\r\nhost: g\r\nconnection: close\r\n\r\n`);
    caller.pause();
    const source = await stream;
    const piece = Buffer.alloc(1024 * 1024, 0x78);
    let written = 0;
    // The write that is not taken up within many turns of the loop is the one that waits for the caller.
    const taken = (): Promise<boolean> =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), 1_000);
        source.write(piece, () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
    while (written < 200 && (await taken())) written += 1;
    expect(written).toBeLessThan(100);
    let got = 0;
    caller.on('data', (chunk: Buffer) => (got += chunk.length)).resume();
    source.end();
    await once(caller, 'close');
    expect(got).toBeGreaterThan((written + 1) * piece.length);
  });
});

describe('WebSockets', () => {
  let server: Server;
  let sockets: WebSocketServer;
  const url = (path: string): string => `ws://127.0.0.1:${gateway.port}${path}`;

  beforeEach(async () => {
    server = createServer();
    sockets = new WebSocketServer({ server });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    gateway.ports = { ...gateway.ports, infrastructure_manager: port };
  });
  afterEach(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });

  it('of agents pass through both ways without a token, with the secret and no principal', async () => {
    const accepted = once(sockets, 'connection');
    const headers = { [SECRET_HEADER]: 'guess', [PRINCIPAL_HEADER]: 'forged', 'x-other': 'y' };
    const agent = new WebSocket(url(`${AGENT_PATH}?v=1`), { headers });
    const [socket, request] = (await accepted) as [WebSocket, { headers: object; url: string }];
    expect(request.url).toBe(`${AGENT_PATH}?v=1`);
    expect(request.headers).toMatchObject({ [SECRET_HEADER]: SECRET });
    expect(request.headers).not.toHaveProperty(PRINCIPAL_HEADER);
    expect(request.headers).not.toHaveProperty('x-other');
    socket.send('challenge');
    expect(String((await once(agent, 'message'))[0])).toBe('challenge');
    const big = 'z'.repeat(3_000_000);
    agent.send(big);
    expect(String((await once(socket, 'message'))[0])).toBe(big);
    const closed = once(socket, 'close');
    agent.close(1000, 'done');
    expect((await closed)[0]).toBe(1000);
  });

  it('close at the agent when the kernel dies', async () => {
    const accepted = once(sockets, 'connection');
    const agent = new WebSocket(url(AGENT_PATH));
    const [socket] = (await accepted) as [WebSocket];
    await once(agent, 'open');
    const closed = once(agent, 'close');
    socket.terminate();
    expect((await closed)[0]).toBe(1006);
  });

  it('are refused with a problem when the kernel is down, silent or elsewhere', async () => {
    const refused = async (path: string, headers = {}): Promise<number> => {
      const agent = new WebSocket(url(path), { headers });
      const [, response] = (await once(agent, 'unexpected-response')) as [
        unknown,
        { statusCode: number; destroy(): void },
      ];
      agent.on('error', () => {});
      response.destroy();
      return response.statusCode;
    };
    expect(await refused('/api/events', bearer(OWNER_TOKEN))).toBe(404);
    expect(await refused('/nothing')).toBe(404);
    server.removeAllListeners('upgrade');
    server.on('upgrade', () => {});
    expect(await refused(AGENT_PATH)).toBe(503);
    gateway.ports = {};
    expect(await refused(AGENT_PATH)).toBe(503);
  });

  it('need a token on every path but that of the agents', async () => {
    const { port } = server.address() as AddressInfo;
    const consoleApi = defineApi({ kernel: 'governance', upgrades: ['/api/console'], ops: {} });
    const other = await startFixtureGateway({ ports: { governance: port }, apis: [consoleApi] });
    const shake = (token: string): Promise<string> =>
      rawExchange(
        other.port,
        `GET /api/console HTTP/1.1\r\nupgrade: websocket${token}\r\nconnection: upgrade\r\nsec-websocket-version: 13`,
      );
    expect(await shake('')).toMatch(/^HTTP\/1\.1 401 /);
    expect(await shake('\r\nauthorization: Bearer wrong')).toMatch(/^HTTP\/1\.1 403 /);
    const accepted = once(sockets, 'connection');
    const headers = bearer(OWNER_TOKEN);
    const client = new WebSocket(`ws://127.0.0.1:${other.port}/api/console`, { headers });
    const [, request] = (await accepted) as [WebSocket, { headers: object }];
    expect(request.headers).toHaveProperty(PRINCIPAL_HEADER);
    expect(request.headers).not.toHaveProperty('authorization');
    await once(client, 'open');
    client.terminate();
    await other.stop();
  });

  it('are cut when the gateway stops', async () => {
    const agent = new WebSocket(url(AGENT_PATH));
    await once(agent, 'open');
    const closed = once(agent, 'close');
    await gateway.stop();
    expect((await closed)[0]).toBe(1006);
  });
});
