import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ListenHandle } from './listen-handle.ts';
import { BindError, bindListenHandle, sendHandle } from './listen-handle.ts';
import { describeOwner, ownerOfPort } from './owner-of-port.ts';

const CHILD = `
import { createServer } from 'node:net';
process.on('message', (message, handle) => {
  const server = createServer((socket) => socket.end(String(process.pid)));
  server.listen(handle, () => process.send('listening'));
});
`;

let folder: string;
const open: ListenHandle[] = [];
const children: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-handle-'));
  await writeFile(join(folder, 'child.mjs'), CHILD);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const handle of open.splice(0)) handle.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const bind = (port = 0): ListenHandle => {
  const handle = bindListenHandle('127.0.0.1', port);
  open.push(handle);
  return handle;
};

const startListener = async (handle: ListenHandle): Promise<ChildProcess> => {
  const child = fork(join(folder, 'child.mjs'), { execArgv: [] });
  children.push(child);
  await sendHandle(child, { type: 'init' }, handle);
  await once(child, 'message');
  return child;
};

const connectTo = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
};

const readAll = async (socket: Socket): Promise<string> => {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
};

describe('a listen handle', () => {
  it('is bound to the port asked for, and refuses callers until somebody listens', async () => {
    const { port } = bind();
    expect(port).toBeGreaterThan(0);
    const socket = connect(port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('says EADDRINUSE and the port when somebody listens there, who can be named', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(() => bind(port)).toThrow(BindError);
    expect(() => bind(port)).toThrow(expect.objectContaining({ code: 'EADDRINUSE', port }));
    const owner = await ownerOfPort(port);
    if (process.platform === 'linux') {
      expect(owner?.pid).toBe(process.pid);
      expect(describeOwner(owner)).toContain(`(pid ${process.pid})`);
    } else expect(describeOwner(owner)).toBe('held by another process');
    server.close();
    await once(server, 'close');
    expect(await ownerOfPort(port)).toBeUndefined();
    expect(bind(port).port).toBe(port);
  });

  it('says what else is wrong: an address that this machine does not have', () => {
    expect(() => bindListenHandle('192.0.2.1', 0)).toThrow(
      expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
    );
  });

  it('serves in the child that it was sent to', async () => {
    const handle = bind();
    const child = await startListener(handle);
    expect(await readAll(await connectTo(handle.port))).toBe(String(child.pid));
  });

  it('lets callers wait while no child accepts: they connect, and the next child answers them', async () => {
    const handle = bind();
    const first = await startListener(handle);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const waiting = await Promise.all([1, 2, 3].map(() => connectTo(handle.port)));
    const second = await startListener(handle);
    expect(await Promise.all(waiting.map(readAll))).toEqual(Array(3).fill(String(second.pid)));
  });

  it('cannot be taken by another while no child lives', async () => {
    const handle = bind();
    const child = await startListener(handle);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(() => bindListenHandle('127.0.0.1', handle.port)).toThrow(BindError);
    const thief = createServer().listen(handle.port, '127.0.0.1');
    const [error] = (await once(thief, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
  });

  it('rejects when the child is away', async () => {
    const handle = bind();
    const child = await startListener(handle);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(sendHandle(child, { type: 'init' }, handle)).rejects.toThrow();
  });
});
