import { once } from 'node:events';
import { bindListenHandle, type ListenHandle } from '@holdfast/sdk/process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleProgram, type Bundle } from './test-support/bundle.ts';
import { OWNER_TOKEN, bearer } from './test-support/fixture-gateway.ts';
import { startFixtureKernel } from './test-support/fixture-kernel.ts';
import { ownerRecord, startGatewayProcess } from './test-support/gateway-process.ts';
import { readToEnd, sendRaw } from './test-support/raw-exchange.ts';

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleProgram(new URL('./main.ts', import.meta.url));
});
afterAll(() => bundle.remove());

const caller =
  (socket: ListenHandle) =>
  (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${socket.port}${path}`, { headers: bearer(OWNER_TOKEN) });

it('serves on the handed-over socket, follows the port map and leaves in order', async () => {
  const first = await startFixtureKernel((_request, response) => response.end('"first"'));
  const second = await startFixtureKernel((_request, response) => response.end('"second"'));
  const socket = bindListenHandle('127.0.0.1', 0);
  const gateway = await startGatewayProcess({
    bundle,
    socket,
    ports: { governance: first.port },
    auth: [await ownerRecord()],
  });
  await gateway.next('ready');
  const call = caller(socket);

  expect(await (await call('/api/freeze')).json()).toBe('first');
  gateway.send({ type: 'ports', ports: { governance: second.port } });
  // The message and the next request travel on different ways: ask until the newer one is seen.
  while ((await (await call('/api/freeze')).json()) !== 'second');
  expect(await (await call('/health')).json()).toMatchObject({ status: 'ok' });
  expect(gateway.asked).toContain('getGuardianStatus');

  let reached = (): void => {};
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  let finish = (): void => {};
  second.handler = (_request, response) => {
    finish = () => response.end('"in time"');
    reached();
  };
  const running = call('/api/freeze');
  await arrived;
  const exited = once(gateway.child, 'exit');
  gateway.send({ type: 'stop' });
  finish();
  expect(await (await running).json()).toBe('in time');
  expect(await exited).toEqual([0, null]);
  socket.close();
  await first.close();
  await second.close();
});

it('tells the guardian what it does, and lets go of a port', async () => {
  const kernel = await startFixtureKernel();
  const socket = bindListenHandle('127.0.0.1', 0);
  const ports = { governance: kernel.port };
  const auth = [await ownerRecord()];
  const gateway = await startGatewayProcess({ bundle, socket, ports, auth, name: 'gateway-2' });
  await gateway.next('ready');
  const call = caller(socket);
  await call('/api/freeze');
  await call('/healthz');
  const closed = once([...kernel.sockets][0]!, 'close');
  const done = gateway.next('let_go_done');
  gateway.send({ type: 'let_go', id: 7, port: kernel.port });
  expect(await done).toEqual({ type: 'let_go_done', id: 7 });
  await closed;
  const pong = gateway.next('pong');
  gateway.send({ type: 'ping', id: 8 });
  expect(await pong).toMatchObject({ id: 8, requests: 1, idle_ms: expect.any(Number) as number });
  const exited = once(gateway.child, 'exit');
  gateway.send({ type: 'stop' });
  await exited;
  socket.close();
  await kernel.close();
});

it('loses no caller when it is killed and started again on the same socket', async () => {
  const kernel = await startFixtureKernel();
  const socket = bindListenHandle('127.0.0.1', 0);
  const start = async () => {
    const ports = { governance: kernel.port };
    return startGatewayProcess({ bundle, socket, ports, auth: [await ownerRecord()] });
  };
  const gateway = await start();
  await gateway.next('ready');
  const exited = once(gateway.child, 'exit');
  gateway.child.kill('SIGKILL');
  await exited;
  const head = `GET /api/freeze HTTP/1.1\r\nauthorization: Bearer ${OWNER_TOKEN}`;
  const waiting = await sendRaw(socket.port, `${head}\r\nhost: g\r\nconnection: close\r\n\r\n`);
  const answer = readToEnd(waiting);
  const next = await start();
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  const left = once(next.child, 'exit');
  next.send({ type: 'stop' });
  expect(await left).toEqual([0, null]);
  socket.close();
  await kernel.close();
});

it('goes on serving when its guardian is gone', async () => {
  const kernel = await startFixtureKernel();
  const socket = bindListenHandle('127.0.0.1', 0);
  const ports = { governance: kernel.port };
  const gateway = await startGatewayProcess({ bundle, socket, ports, auth: [await ownerRecord()] });
  await gateway.next('ready');
  gateway.child.disconnect();
  const call = caller(socket);
  expect((await call('/api/freeze')).status).toBe(200);
  const refused = await call('/kernel-ports/port-map');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  const exited = once(gateway.child, 'exit');
  gateway.child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  socket.close();
  await kernel.close();
});

it('does not start without a token record, and says why', async () => {
  const socket = bindListenHandle('127.0.0.1', 0);
  const gateway = await startGatewayProcess({ bundle, socket });
  const exited = once(gateway.child, 'exit');
  expect(await gateway.next('failed')).toMatchObject({
    problems: ['no token record was handed over'],
  });
  expect(await exited).toEqual([1, null]);
  socket.close();
});
