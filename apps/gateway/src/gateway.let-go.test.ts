import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { bindListenHandle, sendHandle, type ListenHandle } from '@holdfast/sdk/process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram, type Bundle } from './test-support/bundle.ts';
import { startFixtureGateway } from './test-support/fixture-gateway.ts';
import { answerJson, startFixtureKernel } from './test-support/fixture-kernel.ts';

let program: Bundle;

beforeAll(async () => {
  program = await bundleProgram(new URL('./test-support/kernel-program.ts', import.meta.url));
});
afterAll(() => program.remove());

const startKernel = async (socket: ListenHandle): Promise<ChildProcess> => {
  const child = fork(program.file);
  const ready = once(child, 'message');
  await sendHandle(child, { type: 'serve' }, socket);
  await ready;
  return child;
};

const propose = { method: 'POST', body: '{}' };

describe('letting go of a kernel that is replaced', () => {
  it('loses no request under load, also none that may not be sent twice', async () => {
    const socket = bindListenHandle('127.0.0.1', 0);
    let kernel = await startKernel(socket);
    const gateway = await startFixtureGateway({ ports: { governance: socket.port } });
    const failures: unknown[] = [];
    const pids = new Set<number>();
    let over = false;
    const caller = async (): Promise<void> => {
      while (!over) {
        const response = await gateway.call('/api/changes', propose);
        const body = (await response.json()) as { pid: number };
        if (response.status === 200) pids.add(body.pid);
        else failures.push(body);
      }
    };
    const callers = Array.from({ length: 12 }, caller);
    for (let round = 0; round < 5; round += 1) {
      while (pids.size <= round) await gateway.call('/health');
      await gateway.letGo(socket.port);
      const left = once(kernel, 'exit');
      kernel.send('stop');
      kernel = await startKernel(socket);
      await left;
    }
    while (pids.size <= 5) await gateway.call('/health');
    over = true;
    await Promise.all(callers);
    expect(failures).toEqual([]);
    expect(pids.size).toBe(6);
    await gateway.stop();
    kernel.kill('SIGKILL');
    socket.close();
  });

  it('closes idle connections at once, and busy ones with their answer', async () => {
    const kernel = await startFixtureKernel();
    const gateway = await startFixtureGateway({ ports: { governance: kernel.port } });
    let finish = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      kernel.handler = (_request, response) => {
        finish = () => answerJson(response, { late: true });
        resolve();
      };
    });
    const busy = gateway.call('/api/changes');
    await arrived;
    kernel.handler = (_request, response) => answerJson(response, {});
    await gateway.call('/api/changes');
    expect(kernel.sockets.size).toBe(2);
    const [busySocket, idleSocket] = [...kernel.sockets];
    const idleClosed = once(idleSocket!, 'close');
    await gateway.letGo(kernel.port);
    await idleClosed;
    expect(busySocket!.destroyed).toBe(false);
    const busyClosed = once(busySocket!, 'close');
    finish();
    expect(await (await busy).json()).toEqual({ late: true });
    await busyClosed;
    const connected = kernel.requests.length;
    for (let turn = 0; turn < 3; turn += 1) await gateway.call('/api/changes');
    expect(new Set(kernel.requests.slice(connected).map(({ socket }) => socket)).size).toBe(3);
    await gateway.stop();
    await kernel.close();
  });

  it('leaves the connections to other kernels alone', async () => {
    const kernel = await startFixtureKernel();
    const gateway = await startFixtureGateway({ ports: { governance: kernel.port } });
    await gateway.call('/api/changes');
    await gateway.letGo(kernel.port + 1);
    await gateway.call('/api/changes');
    expect(kernel.requests[1]!.socket).toBe(kernel.requests[0]!.socket);
    await gateway.stop();
    await kernel.close();
  });
});

describe('a kernel that leaves the port map', () => {
  it('fails what waits for it at once, and nothing that is being answered', async () => {
    const kernel = await startFixtureKernel();
    const ports = { governance: kernel.port, infrastructure_manager: kernel.port };
    const gateway = await startFixtureGateway({ ports });
    let waiting = 0;
    let finish = (): void => {};
    kernel.handler = (request, response) => {
      if (request.url !== '/api/freeze') waiting += 1;
      else {
        response.writeHead(200, { 'content-length': 4 });
        response.write('"b');
        finish = () => response.end('e"');
      }
    };
    const begun = await gateway.call('/api/freeze');
    const calls = [gateway.call('/api/changes'), gateway.call('/api/changes', propose)];
    while (waiting < 2) await gateway.call('/health');
    gateway.ports = { infrastructure_manager: kernel.port };
    gateway.announcePorts();
    for (const response of await Promise.all(calls)) {
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({
        code: 'kernel_unavailable',
        kernel: 'governance',
      });
    }
    finish();
    expect(await begun.json()).toBe('be');
    await gateway.stop();
    await kernel.close();
  });

  it('and comes back on another port is found there by a read that was lost', async () => {
    const first = await startFixtureKernel();
    const second = await startFixtureKernel();
    const gateway = await startFixtureGateway({ ports: { governance: first.port } });
    first.handler = (request) => {
      gateway.ports = { governance: second.port };
      request.socket.resetAndDestroy();
    };
    expect((await gateway.call('/api/changes')).status).toBe(200);
    expect(second.requests.length).toBe(1);
    await gateway.stop();
    await first.close();
    await second.close();
  });
});
