import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpTransport, type CallOptions } from '@holdfast/client';
import { defineApi, op, type Principal } from '@holdfast/contracts';
import { createWorld } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { internalHeaders } from '../http/internal-auth.ts';
import { defineKernel, type Call } from '../kernel/define-kernel.ts';
import { createKernelServer, type KernelServer } from '../kernel/kernel-server.ts';
import { createLogger } from '../log/logger.ts';
import { bindListenHandle, sendHandle } from '../process/listen-handle.ts';
import { LineLost, openCallLine } from './call-line.ts';
import { LINE_PATH, LINE_PROTOCOL } from './frames.ts';
import { createLineTransport } from './line-transport.ts';

const SECRET = 'secret-of-this-start';
const CALLER: Principal = { id: 'kernel:governance', kind: 'kernel', role: 'kernel' };
const HEADERS = internalHeaders(SECRET, CALLER);

const text = z.object({ text: z.string().default('') });
const said = { input: text, output: z.looseObject({}), risk: 'read', summary: 'answers' } as const;
const api = defineApi({
  kernel: 'librarian_kernel',
  ops: {
    echo: op({ ...said, method: 'POST', path: '/echo', role: 'internal' }),
    look: op({ ...said, method: 'GET', path: '/look', role: 'internal' }),
    theirs: op({ ...said, method: 'GET', path: '/theirs', role: 'internal', callers: ['gateway'] }),
    hold: op({ ...said, method: 'POST', path: '/hold', role: 'internal' }),
    look_long: op({ ...said, method: 'GET', path: '/look-long', role: 'internal' }),
    odd: op({ ...said, method: 'POST', path: '/odd', role: 'internal' }),
  },
});

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
});

/** A kernel behind a real server. What `hold` and `look_long` ask for is answered by `release`, or never. */
const startKernel = async (listenOn?: unknown) => {
  const held: { readonly call: Call; release(): void }[] = [];
  const comings = new EventEmitter();
  const hold = async ({ text: given }: { text: string }, call: Call) => {
    const released = new Promise<void>((resolve) => void held.push({ call, release: resolve }));
    comings.emit('held');
    await Promise.race([released, once(call.signal, 'abort')]);
    return { given, aborted: call.signal.aborted };
  };
  const answer = async ({ text: given }: { text: string }, call: Call) => ({
    given,
    by: call.principal.id,
    key: call.idempotencyKey ?? null,
  });
  /** No JSON can say that. */
  const odd = async () => ({ given: 1n });
  const kernel = defineKernel({
    id: 'librarian_kernel',
    api,
    config: { schema: z.object({}), fromProfile: () => ({}) },
    needs: {},
    subscribes: [],
    migrations: [],
    init: async () => ({
      handlers: { echo: answer, look: answer, theirs: answer, hold, look_long: hold, odd },
    }),
  });
  const world = await createWorld({ kernels: [kernel] });
  const host = world.host('librarian_kernel');
  const server = createKernelServer(host, SECRET, createLogger('t', 'fatal'));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  if (listenOn === undefined) server.listen(0, '127.0.0.1');
  else server.listen(listenOn as { fd: number });
  await once(server, 'listening');
  closers.push(async () => {
    cut();
    server.close();
    await world.close();
  });
  const port = (server.address() as { port: number }).port;
  const metrics = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: HEADERS })).text();
  return {
    server,
    port,
    held,
    cut,
    metrics,
    /** Resolves once so many calls have been held. */
    async untilHeld(count: number): Promise<void> {
      while (held.length < count) await once(comings, 'held');
    },
  };
};

type Kernel = Awaited<ReturnType<typeof startKernel>>;

/** Who calls: counts what went over HTTP. */
const startCaller = (port: number) => {
  const baseUrl = () => `http://127.0.0.1:${port}`;
  const http = createHttpTransport({ baseUrl, headers: () => HEADERS });
  let overHttp = 0;
  const lines = createLineTransport({
    baseUrl,
    headers: HEADERS,
    overHttp: (...call) => {
      overHttp += 1;
      return http(...call);
    },
  });
  const call = (name: keyof typeof api.ops, input: object = {}, options: CallOptions = {}) =>
    lines.transport(api, name, api.ops[name], input, options) as Promise<Record<string, unknown>>;
  return {
    ...lines,
    call,
    overHttp: () => overHttp,
    /** Calls until a line is open. */
    async untilOpen(): Promise<void> {
      for (let before = -1; before !== overHttp;) {
        before = overHttp;
        await call('look');
      }
    },
  };
};

const startBoth = async () => {
  const kernel = await startKernel();
  const caller = startCaller(kernel.port);
  await caller.untilOpen();
  return { kernel, caller };
};

const codeOf = (calling: Promise<unknown>): Promise<unknown> =>
  calling.then(
    () => 'answered',
    (error: { code?: string }) => error.code,
  );

describe('a call over a line', () => {
  it('is answered like one over HTTP, and many at once each with its own answer', async () => {
    const { kernel, caller } = await startBoth();
    const before = caller.overHttp();
    const texts = Array.from({ length: 200 }, (_, index) => `n\n${index} \u{1f600}`);
    const answers = await Promise.all(
      texts.map((one) => caller.call('echo', { text: one }, { idempotencyKey: one })),
    );
    expect(answers).toEqual(
      texts.map((one) => ({ given: one, by: 'kernel:governance', key: one })),
    );
    expect(caller.overHttp()).toBe(before);
    expect(await kernel.metrics()).toContain('op="echo",status="200"} 200');
  });

  it('is refused with the same codes', async () => {
    const { kernel, caller } = await startBoth();
    expect(await codeOf(caller.call('theirs'))).toBe('forbidden');
    expect(await codeOf(caller.call('echo', { text: 7 }))).toBe('invalid_input');
    const line = await openCallLine(`http://127.0.0.1:${kernel.port}`, HEADERS);
    for (const name of ['nothing', 'constructor', '__proto__'])
      expect(await codeOf(line!.call({ op: name, input: '{}' }, () => {}))).toBe('not_found');
    for (const [input, code] of [
      ['{"text":"half a pair: \\ud83d"}', 'invalid_input'],
      ['[]', 'malformed_json'],
    ] as const)
      expect(await codeOf(line!.call({ op: 'echo', input }, () => {}))).toBe(code);
  });

  it('that reads is given what a query would say', async () => {
    const { kernel, caller } = await startBoth();
    const before = caller.overHttp();
    for (const given of [7, Number.NaN, true, null, undefined, ['a', 'b']]) {
      const overHttp = await startCaller(kernel.port).call('look', { text: given });
      expect(await caller.call('look', { text: given })).toEqual(overHttp);
    }
    expect(caller.overHttp()).toBe(before);
  });

  it('is refused where its answer is no JSON, and the kernel goes on', async () => {
    const { caller } = await startBoth();
    expect(await codeOf(caller.call('odd'))).toBe('internal');
    expect(await caller.call('look')).toMatchObject({ by: 'kernel:governance' });
  });

  it('is known by the same part of its key as over HTTP', async () => {
    const { kernel, caller } = await startBoth();
    const keyOver = async (way: ReturnType<typeof startCaller>, idempotencyKey: string) =>
      (await way.call('echo', {}, { idempotencyKey }))['key'];
    for (const key of ['', 'k'.repeat(300)])
      expect(await keyOver(caller, key)).toBe(await keyOver(startCaller(kernel.port), key));
  });

  it('ends in its handler when the caller gives up', async () => {
    const { kernel, caller } = await startBoth();
    const stop = new AbortController();
    const calling = codeOf(caller.call('hold', {}, { signal: stop.signal }));
    await kernel.untilHeld(1);
    const { signal } = kernel.held[0]!.call;
    const aborted = once(signal, 'abort');
    stop.abort();
    await aborted;
    expect(await calling).toBe('kernel_unavailable');
    expect(await codeOf(caller.call('look', {}, { signal: stop.signal }))).toBe(
      'kernel_unavailable',
    );
  });

  it('that takes too long is a timeout, and later ones do not use its line', async () => {
    const { caller } = await startBoth();
    const before = caller.overHttp();
    expect(await codeOf(caller.call('hold', {}, { timeoutMs: 20 }))).toBe('kernel_timeout');
    await caller.call('look');
    expect(caller.overHttp()).toBe(before + 1);
  });

  it('goes over HTTP where too many wait already', async () => {
    const { kernel, caller } = await startBoth();
    const before = caller.overHttp();
    const waiting = Array.from({ length: 257 }, () => caller.call('hold'));
    await kernel.untilHeld(257);
    expect(caller.overHttp()).toBe(before + 1);
    for (const { release } of kernel.held) release();
    expect(await Promise.all(waiting)).toHaveLength(257);
  });

  it('goes over HTTP where it is too long', async () => {
    const { caller } = await startBoth();
    const before = caller.overHttp();
    const long = 'x'.repeat(200_000);
    expect((await caller.call('echo', { text: long }))['given']).toBe(long);
    expect(caller.overHttp()).toBe(before + 1);
  });
});

describe('a line that breaks', () => {
  it('has what may be repeated made once more, and says of the rest that nobody knows', async () => {
    const { kernel, caller } = await startBoth();
    const read = caller.call('look_long', { text: 'read' });
    const keyed = caller.call('hold', { text: 'keyed' }, { idempotencyKey: 'k' });
    const plain = codeOf(caller.call('hold', { text: 'plain' }));
    await kernel.untilHeld(3);
    kernel.cut();
    expect(await plain).toBe('kernel_unavailable');
    await kernel.untilHeld(5);
    for (const { release } of kernel.held) release();
    expect(await read).toEqual({ given: 'read', aborted: false });
    expect(await keyed).toEqual({ given: 'keyed', aborted: false });
    for (const { call } of kernel.held.slice(0, 3)) expect(call.signal.aborted).toBe(true);
  });

  it('is opened again by later calls', async () => {
    const { kernel, caller } = await startBoth();
    kernel.cut();
    await codeOf(caller.call('look'));
    await caller.untilOpen();
    const before = caller.overHttp();
    await caller.call('echo');
    expect(caller.overHttp()).toBe(before);
  });
});

describe('a line', () => {
  it('is for those who know the secret of this start and say who they are', async () => {
    const { port } = await startKernel();
    const base = `http://127.0.0.1:${port}`;
    expect(await openCallLine(base, {})).toBeUndefined();
    expect(await openCallLine(base, internalHeaders('guessed', CALLER))).toBeUndefined();
    for (const left of Object.entries(HEADERS))
      expect(await openCallLine(base, Object.fromEntries([left]))).toBeUndefined();
    expect((await openCallLine(base, HEADERS))?.isOpen).toBe(true);
  });

  it('that speaks nonsense is ended, and the kernel goes on', async () => {
    const { kernel, caller } = await startBoth();
    const head = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
    for (const bytes of [
      'nonsense\n',
      '[]\n',
      '{"id":"x"}\n',
      '{"op":"look"}\n',
      `${'x'.repeat(300_000)}`,
    ]) {
      const socket = connect(kernel.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        `GET ${LINE_PATH} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${LINE_PROTOCOL}\r\n${head.join('')}\r\n`,
      );
      await once(socket, 'data');
      const closed = new Promise((resolve) => void socket.once('close', resolve));
      socket.write(bytes);
      await closed;
    }
    expect(await caller.call('look')).toMatchObject({ by: 'kernel:governance' });
  });

  it('that is refused and hung up on leaves the kernel standing', async () => {
    const { port, server } = await startKernel();
    for (let n = 0; n < 5; n += 1) {
      const ended = once(server, 'connection').then(
        ([socket]) => new Promise((resolve) => void (socket as Socket).once('close', resolve)),
      );
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(
        `GET ${LINE_PATH} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${LINE_PROTOCOL}\r\n\r\n`,
      );
      if (n % 2 === 0) await once(socket, 'data');
      else await once(socket, 'connect');
      socket.resetAndDestroy();
      await ended;
    }
    expect(await startCaller(port).call('look')).toMatchObject({ by: 'kernel:governance' });
  });

  it('over which comes what is no refusal breaks, and no call waits for ever', async () => {
    const other = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
        socket.once('data', () => socket.write('{"id":1,"problem":null}\n'));
      });
    }).listen(0, '127.0.0.1');
    closers.push(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const line = await openCallLine(`http://127.0.0.1:${port}`, HEADERS);
    const calling = line!.call({ op: 'look', input: '{}' }, () => {});
    await expect(calling).rejects.toBeInstanceOf(LineLost);
  });

  it('keeps its own process alive only while a call is on the way', async () => {
    const ids: number[] = [];
    let socket: Socket | undefined;
    const other = createServer((one) => {
      socket = one.unref();
      one.once('data', () => {
        one.write('HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
        one.on('data', (bytes: Buffer) => {
          ids.push((JSON.parse(bytes.toString()) as { id: number }).id);
          one.emit('called');
        });
      });
    }).listen(0, '127.0.0.1');
    closers.push(() => {
      socket?.destroy();
      other.close();
    });
    await once(other, 'listening');
    const alive = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const { port } = other.address() as AddressInfo;
    const line = await openCallLine(`http://127.0.0.1:${port}`, HEADERS);
    const before = alive();
    for (const id of [1, 2]) {
      const calling = line!.call({ op: 'look', input: '{}' }, () => {});
      expect(alive()).toBe(before + 1);
      await once(socket!, 'called');
      socket!.write(`{"id":${id},"value":${id}}\n`);
      expect(await calling).toBe(id);
      expect(alive()).toBe(before);
    }
    expect(ids).toEqual([1, 2]);
  });

  it('is closed when nobody calls over it, also after a call that took longer', async () => {
    const kernel = await startKernel();
    const connected = once(kernel.server, 'connection');
    const line = await openCallLine(`http://127.0.0.1:${kernel.port}`, HEADERS, 30);
    const [socket] = (await connected) as [Socket];
    const closed = new Promise((resolve) => void socket.once('close', () => resolve('closed')));
    const calling = line!.call({ op: 'hold', input: '{}' }, () => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(line!.isOpen).toBe(true);
    kernel.held[0]!.release();
    await calling;
    expect(await closed).toBe('closed');
  });

  it('keeps no kernel awake: only what comes over it counts', async () => {
    const { kernel, caller } = await startBoth();
    const { requests } = kernel.server.activity();
    const calling = caller.call('hold');
    await kernel.untilHeld(1);
    expect(kernel.server.activity()).toMatchObject({ requests: requests + 1, idleMs: 0 });
    kernel.held[0]!.release();
    await calling;
    const idle = kernel.server.activity().idleMs;
    await new Promise((resolve) => setImmediate(resolve));
    expect(kernel.server.activity().idleMs).toBeGreaterThan(idle);
  });

  it('to a port that is let go of takes no more calls', async () => {
    const { kernel, caller } = await startBoth();
    const before = caller.overHttp();
    caller.letGo(kernel.port);
    for (let n = 0; n < 3; n += 1) await caller.call('look');
    expect(caller.overHttp()).toBe(before + 3);
  });
});

/** Takes over a socket, and knows of no lines. */
const SECOND = `
import { createServer } from 'node:http';
process.once('message', (message, handle) => {
  createServer((request, response) => response.end('{"given":"second"}')).listen(handle, () => process.send('serving'));
});
`;

const startSecond = () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-line-'));
  closers.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'second.mjs'), SECOND);
  const child = fork(join(folder, 'second.mjs'), { execArgv: [] });
  closers.push(() => child.kill('SIGKILL'));
  return child;
};

describe('a kernel that drains', () => {
  const drained = async ({ server }: { readonly server: KernelServer }): Promise<string> => {
    await server.drain();
    return 'drained';
  };

  it('answers what it has, and its callers go', async () => {
    const { kernel, caller } = await startBoth();
    const calling = caller.call('hold', { text: 'last' });
    await kernel.untilHeld(1);
    const draining = drained(kernel);
    kernel.held[0]!.release();
    expect(await calling).toEqual({ given: 'last', aborted: false });
    expect(await draining).toBe('drained');
  });

  it('answers too what comes over a line that was opened meanwhile', async () => {
    const kernel = await startKernel();
    const connected = once(kernel.server, 'connection');
    const socket = connect(kernel.port, '127.0.0.1');
    await connected;
    const draining = drained(kernel);
    const head = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `GET ${LINE_PATH} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${LINE_PROTOCOL}\r\n${head.join('')}\r\n`,
    );
    socket.write('{"id":1,"op":"hold","input":{"text":"late"}}\n');
    await kernel.untilHeld(1);
    const early = new Promise((resolve) => setTimeout(() => resolve('still waits'), 300));
    expect(await Promise.race([draining, early])).toBe('still waits');
    let got = '';
    socket.on('data', (bytes: Buffer) => (got += bytes.toString()));
    kernel.held[0]!.release();
    while (!got.includes('late')) await once(socket, 'data');
    socket.end();
    expect(await draining).toBe('drained');
  });

  it('loses no call of callers that never pause while another process takes over the socket', async () => {
    const handle = bindListenHandle('127.0.0.1', 0);
    closers.push(() => handle.close());
    const first: Kernel = await startKernel(handle.raw);
    const callers = Array.from({ length: 4 }, () => startCaller(first.port));
    await Promise.all(callers.map((one) => one.untilOpen()));
    let going = true;
    let bySecond = (): void => {};
    const untilSecond = new Promise<void>((resolve) => (bySecond = resolve));
    const problems: unknown[] = [];
    const call = async (one: ReturnType<typeof startCaller>): Promise<void> => {
      while (going) {
        await one.call('echo', { text: 'x' }).then(
          ({ given }) => {
            if (given === 'second') bySecond();
          },
          (error: unknown) => void problems.push(error),
        );
      }
    };
    const calling = callers.flatMap((one) => [call(one), call(one)]);
    const second = startSecond();
    await sendHandle(second, {}, handle);
    await once(second, 'message');
    expect(await drained(first)).toBe('drained');
    await untilSecond;
    going = false;
    await Promise.all(calling);
    expect(problems).toEqual([]);
  });
});
