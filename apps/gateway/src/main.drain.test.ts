import { once } from 'node:events';
import { bindListenHandle } from '@holdfast/sdk/process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleProgram, type Bundle } from './test-support/bundle.ts';
import { OWNER_TOKEN, startFixtureGateway } from './test-support/fixture-gateway.ts';
import {
  answerJson,
  startFixtureKernel,
  type FixtureKernel,
} from './test-support/fixture-kernel.ts';
import { ownerRecord, startGatewayProcess } from './test-support/gateway-process.ts';
import { startHammer } from './test-support/hammer.ts';
import { readToEnd, sendRaw } from './test-support/raw-exchange.ts';

let bundle: Bundle;
let kernel: FixtureKernel;

beforeAll(async () => {
  bundle = await bundleProgram(new URL('./main.ts', import.meta.url));
});
beforeEach(async () => {
  kernel = await startFixtureKernel((request, response) => {
    request.resume().on('end', () => answerJson(response, {}));
  });
});
afterEach(() => kernel.close());
afterAll(() => bundle.remove());

const call = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: g\r\nauthorization: Bearer ${OWNER_TOKEN}\r\n\r\n`;

describe('two gateways on one socket', () => {
  it('replace each other again and again without one failed request', async () => {
    const socket = bindListenHandle('127.0.0.1', 0);
    const auth = [await ownerRecord()];
    const ports = { governance: kernel.port };
    const start = async (name: 'gateway' | 'gateway-2') => {
      const started = await startGatewayProcess({ bundle, socket, ports, auth, name });
      await started.next('ready');
      return started;
    };
    let current = await start('gateway');
    const hammer = startHammer(socket.port, 10);
    await hammer.more(50);
    for (let round = 0; round < 3; round += 1) {
      const next = await start(round % 2 === 0 ? 'gateway-2' : 'gateway');
      const left = once(current.child, 'exit');
      current.send({ type: 'stop' });
      expect(await left).toEqual([0, null]);
      await hammer.more(50);
      current = next;
    }
    await hammer.stop();
    expect(hammer.failures).toEqual([]);
    expect(hammer.answered()).toBeGreaterThan(150);
    const left = once(current.child, 'exit');
    current.send({ type: 'stop' });
    await left;
    socket.close();
  });
});

describe('a gateway that stops', () => {
  it('answers what still comes on a kept connection and says that it was the last', async () => {
    const gateway = await startFixtureGateway({ ports: { governance: kernel.port } });
    const kept = await sendRaw(gateway.port, call('/api/freeze'));
    const [first] = (await once(kept, 'data')) as [Buffer];
    expect(first.toString().toLowerCase()).toContain('connection: keep-alive');
    const stopping = gateway.stop();
    const rest = readToEnd(kept);
    kept.write(call('/api/freeze'));
    const last = await rest;
    expect(last).toMatch(/^HTTP\/1\.1 200 /);
    expect(last.toLowerCase()).toContain('connection: close');
    await stopping;
  });

  it('tells those who wait for an answer already', async () => {
    const gateway = await startFixtureGateway({ ports: { governance: kernel.port } });
    let finish = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      kernel.handler = (_request, response) => {
        finish = () => answerJson(response, {});
        resolve();
      };
    });
    const kept = await sendRaw(gateway.port, call('/api/freeze'));
    await arrived;
    expect(gateway.activity()).toEqual({ idleMs: 0, requests: 1 });
    const stopping = gateway.stop();
    const answer = readToEnd(kept);
    finish();
    expect((await answer).toLowerCase()).toContain('connection: close');
    await stopping;
    expect(gateway.activity().requests).toBe(1);
  });

  it('hangs up on those who never asked for anything', async () => {
    const gateway = await startFixtureGateway();
    const silent = await sendRaw(gateway.port, '');
    const used = await sendRaw(gateway.port, call('/healthz'));
    await once(used, 'data');
    const closed = [once(silent, 'close'), once(used, 'close')];
    await gateway.stop();
    await Promise.all(closed);
    expect([silent.destroyed, used.destroyed]).toEqual([true, true]);
  });
});
