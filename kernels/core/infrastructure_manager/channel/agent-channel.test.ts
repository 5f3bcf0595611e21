import { AGENT_PROTOCOL } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  testFacts,
  testMetrics,
} from '../test-support/scripted-agent.ts';

let kernel: ServedKernel;
const key = createAgentKey();
let host = '';

beforeEach(async () => {
  kernel = await serveKernel();
  host = await enrolTestHost(kernel, key);
});
afterEach(() => kernel.close());

const isConnected = async () => (await kernel.api.getHost({ id: host })).agent.connected;

test('an agent that signs the challenge is welcome and told its heartbeat interval', async () => {
  const agent = await connectScriptedAgent({ kernel, host, key });
  expect(agent.received.at(-1)).toEqual({ type: 'welcome', host, heartbeat_interval_s: 10 });
  expect(await isConnected()).toBe(true);
  await agent.close();
});

test.each([
  ['the key of somebody else', { key: createAgentKey() }],
  ['a host that nobody enrolled', { host: 'ghost_linux' }],
  ['a signature over another nonce', { forgedNonce: 'of-an-earlier-connection' }],
])('%s is refused with the same words', async (_, differing) => {
  const agent = await connectScriptedAgent({ kernel, host, key, ...differing });
  expect(agent.received.at(-1)).toEqual({
    type: 'refused',
    code: 'agent_unknown',
    detail: 'the agent key is not enrolled',
  });
  expect(await agent.closed).toBe(1008);
  expect(await isConnected()).toBe(false);
});

test.each([
  ['text that is no JSON', 'hello?'],
  ['a message of no known type', '{"type":"sudo"}'],
  ['a heartbeat without metrics', '{"type":"heartbeat","seq":1}'],
  [
    'a second hello',
    JSON.stringify({ type: 'hello', protocol: 1, host: 'x', version: '', signature: '' }),
  ],
])('%s ends the connection with 1008', async (_, text) => {
  const agent = await connectScriptedAgent({ kernel, host, key });
  agent.sendText(text);
  expect(await agent.closed).toBe(1008);
});

test('anything before the hello, and another protocol, end the connection', async () => {
  const agent = await connectScriptedAgent({ kernel, host, key });
  await agent.close();
  for (const first of [
    { type: 'facts', facts: testFacts() },
    { type: 'hello', protocol: AGENT_PROTOCOL + 1, host, version: '9', signature: '' },
  ]) {
    const socket = new WebSocket(kernel.agentUrl, {
      headers: { 'x-holdfast-secret': 'secret-of-this-test' },
    });
    socket.once('open', () => socket.send(JSON.stringify(first)));
    expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1008);
  }
});

test('a caller without the secret of the stack gets no connection', async () => {
  const socket = new WebSocket(kernel.agentUrl);
  const error = await new Promise<Error>((resolve) => void socket.once('error', resolve));
  expect(error.message).toContain('401');
});

test('a newer connection of the same agent takes the place of the older', async () => {
  const older = await connectScriptedAgent({ kernel, host, key });
  const newer = await connectScriptedAgent({ kernel, host, key });
  expect(await older.closed).toBe(4000);
  expect(await isConnected()).toBe(true);
  newer.send({ type: 'heartbeat', seq: 0, metrics: testMetrics(33) });
  await kernel.world.waitForEvent(({ data }) => data['new_status'] === 'healthy');
  expect((await kernel.api.getHost({ id: host })).metrics?.cpu_percent).toBe(33);
  await newer.close();
});

test('a question to an agent that goes away is answered with agent_offline', async () => {
  const agent = await connectScriptedAgent({ kernel, host, key });
  const scan = kernel.api.scanHost({ id: host }).catch((error: unknown) => error);
  await agent.waitFor(({ type }) => type === 'task');
  await agent.close();
  expect(await scan).toMatchObject({ code: 'agent_offline' });
  await expect(kernel.api.scanHost({ id: host })).rejects.toMatchObject({ code: 'agent_offline' });
});

test('an agent that does not answer pings is cut off, one that does is not', async () => {
  await kernel.close();
  const clock = createFakeClock();
  kernel = await serveKernel({ clock });
  host = await enrolTestHost(kernel, key);
  const deafKey = createAgentKey();
  const deafHost = await enrolTestHost(kernel, deafKey, 'deaf');
  const well = await connectScriptedAgent({ kernel, host, key });
  const deaf = await connectScriptedAgent({ kernel, host: deafHost, key: deafKey, deaf: true });
  const pinged = new Promise<void>((resolve) => void well.onPing(resolve));
  await clock.advance(15_000);
  await pinged;
  well.send({ type: 'heartbeat', seq: 0, metrics: testMetrics() });
  await kernel.world.waitForEvent(({ data }) => data['new_status'] === 'healthy');
  await clock.advance(15_000);
  expect(await deaf.closed).toBe(1006);
  expect(await isConnected()).toBe(true);
  await well.close();
});
