import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FromChild, GuardianQuestion, ProcessInit } from '@holdfast/contracts';
import { bindListenHandle, createTokenRecord, sendHandle } from '@holdfast/sdk/process';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OWNER_TOKEN, bearer } from './test-support/fixture-gateway.ts';
import { startFixtureKernel } from './test-support/fixture-kernel.ts';
import { fixtureProfile } from './test-support/fixture-profile.ts';
import { fixtureStatus } from './test-support/fixture-status.ts';
import { readToEnd, sendRaw } from './test-support/raw-exchange.ts';

let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-gateway-'));
  bundle = join(folder, 'gateway.mjs');
  await build({
    entryPoints: [new URL('./main.ts', import.meta.url).pathname],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['libsql', 'pg', 'pg-native'],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);",
    },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const message = async (child: ChildProcess, type: FromChild['type']): Promise<FromChild> => {
  for (;;) {
    const [got] = (await once(child, 'message')) as [FromChild];
    if (got.type === type) return got;
  }
};

const startProcess = async (ports: ProcessInit['ports'], auth?: ProcessInit['auth']) => {
  const socket = bindListenHandle('127.0.0.1', 0);
  const child = fork(bundle, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const init: ProcessInit = {
    type: 'init',
    name: 'gateway',
    profile: fixtureProfile(),
    home: folder,
    secret: randomBytes(16).toString('hex'),
    ports,
    gatewayPort: socket.port,
    killSwitch: false,
    auth,
  };
  await sendHandle(child, init, socket);
  const questions: GuardianQuestion[] = [];
  child.on('message', (got: FromChild) => {
    if (got.type !== 'ask') return;
    questions.push(got.question);
    child.send({ type: 'reply', id: got.id, ok: true, body: fixtureStatus() });
  });
  const call = (path: string, headers = bearer(OWNER_TOKEN)): Promise<Response> =>
    fetch(`http://127.0.0.1:${socket.port}${path}`, { headers });
  return { child, socket, questions, call };
};

it('serves on the handed-over socket, follows the port map and leaves in order', async () => {
  const first = await startFixtureKernel((_request, response) => response.end('"first"'));
  const second = await startFixtureKernel((_request, response) => response.end('"second"'));
  const record = await createTokenRecord(OWNER_TOKEN, { id: 'owner', role: 'owner' });
  const { child, socket, questions, call } = await startProcess({ governance: first.port }, [
    record,
  ]);
  await message(child, 'ready');

  expect(await (await call('/api/freeze')).json()).toBe('first');
  child.send({ type: 'ports', ports: { governance: second.port } });
  // The message and the next request travel on different ways: ask until the newer one is seen.
  while ((await (await call('/api/freeze')).json()) !== 'second');
  expect(await (await call('/health')).json()).toMatchObject({ status: 'ok' });
  expect(questions).toContain('status');

  let reached = (): void => {};
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  let finish = (): void => {};
  second.handler = (_request, response) => {
    finish = () => response.end('"in time"');
    reached();
  };
  const running = call('/api/freeze');
  await arrived;
  const exited = once(child, 'exit');
  child.send({ type: 'stop' });
  finish();
  expect(await (await running).json()).toBe('in time');
  expect(await exited).toEqual([0, null]);
  socket.close();
  await first.close();
  await second.close();
});

it('loses no caller when it is killed and started again on the same socket', async () => {
  const kernel = await startFixtureKernel();
  const record = await createTokenRecord(OWNER_TOKEN, { id: 'owner', role: 'owner' });
  const ports = { governance: kernel.port };
  const { child, socket } = await startProcess(ports, [record]);
  await message(child, 'ready');
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const head = `GET /api/freeze HTTP/1.1\r\nauthorization: Bearer ${OWNER_TOKEN}`;
  const waiting = await sendRaw(socket.port, `${head}\r\nhost: g\r\nconnection: close\r\n\r\n`);
  const answer = readToEnd(waiting);
  const next = fork(bundle, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const init = { type: 'init', name: 'gateway', profile: fixtureProfile(), home: folder };
  const rest = { secret: 's', ports, gatewayPort: socket.port, killSwitch: false, auth: [record] };
  await sendHandle(next, { ...init, ...rest }, socket);
  expect(await answer).toMatch(/^HTTP\/1\.1 200 /);
  const left = once(next, 'exit');
  next.disconnect();
  expect(await left).toEqual([0, null]);
  socket.close();
  await kernel.close();
});

it('does not start without a token record, and says why', async () => {
  const { child, socket } = await startProcess({});
  const exited = once(child, 'exit');
  expect(await message(child, 'failed')).toMatchObject({
    problems: ['no token record was handed over'],
  });
  expect(await exited).toEqual([1, null]);
  socket.close();
});
