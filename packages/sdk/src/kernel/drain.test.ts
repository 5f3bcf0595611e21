import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { bindListenHandle, sendHandle } from '../process/listen-handle.ts';
import { watchTraffic } from './activity.ts';
import { drainServer } from './drain.ts';

/** The process that takes over: answers with its name and what it was sent, from the same socket. */
const SECOND = `
import { createServer } from 'node:http';
process.once('message', (message, handle) => {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end('second ' + body);
  });
  process.once('message', () => server.listen(handle));
  process.send('started');
});
`;

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

const startSecond = (): ChildProcess => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-drain-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'second.mjs'), SECOND);
  const child = fork(join(folder, 'second.mjs'), { execArgv: [] });
  cleanups.push(() => child.kill('SIGKILL'));
  return child;
};

const post = (agent: Agent, port: number, body: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const outgoing = request({ agent, port, host: '127.0.0.1', method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.closeAllConnections());
  return (server.address() as AddressInfo).port;
};

const connected = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  await once(socket, 'connect');
  return socket;
};

test('loses no request of callers that never pause while another process takes over the socket', async () => {
  const handle = bindListenHandle('127.0.0.1', 0);
  cleanups.push(() => handle.close());
  const second = startSecond();
  await sendHandle(second, {}, handle);
  await once(second, 'message');
  const first = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    setImmediate(() => response.end(`first ${body}`));
  });
  const traffic = watchTraffic(first);
  await new Promise<void>((resolve) => first.listen(handle.raw, resolve));

  const agent = new Agent({ keepAlive: true });
  cleanups.push(() => agent.destroy());
  const counts = { first: 0, second: 0 };
  const lost: unknown[] = [];
  let drained = false;
  let after = 0;
  let drain: Promise<void> | undefined;
  const call = async (caller: number): Promise<void> => {
    for (let n = 0; after < 200 && lost.length === 0; n += 1) {
      const body = `${caller}-${n}`;
      const text = await post(agent, handle.port, body).catch((error: unknown) => {
        lost.push(error);
        return '';
      });
      const by = text.split(' ')[0] as keyof typeof counts;
      counts[by] += 1;
      if (text !== `${by} ${body}`) lost.push(text);
      if (drained) after += 1;
      if (counts.first <= 300 || drain !== undefined) continue;
      second.send('serve');
      drain = drainServer(first, traffic).then(() => {
        drained = true;
      });
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, caller) => call(caller)));
  await drain;
  expect(lost).toEqual([]);
  expect(counts.first).toBeGreaterThan(300);
  expect(counts.second).toBeGreaterThanOrEqual(200);
  expect(traffic.connections.size).toBe(0);
});

test('lets a running answer finish, tells it is the last, and ends at once when no connection is open', async () => {
  let finish = (): void => {};
  const server = createServer((_request, response) => {
    finish = () => void response.end('done');
    server.emit('arrived');
  });
  const traffic = watchTraffic(server);
  const port = await listening(server);
  const socket = await connected(port);
  socket.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(server, 'arrived');
  const drained = drainServer(server, traffic);
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  finish();
  await Promise.all([once(socket, 'close'), drained]);
  expect(text.toLowerCase()).toContain('connection: close');
  expect(text).toMatch(/done/);

  const idle = createServer();
  const quiet = watchTraffic(idle);
  await listening(idle);
  await drainServer(idle, quiet);
  expect(idle.listening).toBe(false);
});

test('answers what comes on a kept connection after it began, also one that nothing had come on yet', async () => {
  const server = createServer((_request, response) => void response.end('ok'));
  const traffic = watchTraffic(server);
  const port = await listening(server);
  const accepted = once(server, 'connection');
  const socket = await connected(port);
  await accepted;
  const drained = drainServer(server, traffic);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [head] = (await once(socket, 'data')) as [string];
  expect(head.toLowerCase()).toContain('connection: close');
  await drained;
});

test('waits for the rest of a request of which a part has come', async () => {
  const server = createServer((_request, response) => void response.end('ok'));
  const traffic = watchTraffic(server);
  const port = await listening(server);
  const [socket, silent] = [await connected(port), await connected(port)];
  socket.write('GET / HTTP/1.1\r\nhost:');
  while ([...traffic.connections.keys()].every((one) => one.bytesRead === 0))
    await new Promise(setImmediate);
  silent.resume();
  const ended = once(silent, 'close');
  const drained = drainServer(server, traffic);
  await ended;
  socket.write(' x\r\n\r\n');
  const [head] = (await once(socket, 'data')) as [string];
  expect(head).toContain('200 OK');
  await drained;
});

test('cuts what does not end in three seconds', async () => {
  const server = createServer((_request, response) => void response.write('for ever'));
  const traffic = watchTraffic(server);
  const port = await listening(server);
  const socket = await connected(port);
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await drainServer(server, traffic);
  await closed;
  expect(traffic.connections.size).toBe(0);
});
