import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeDriver, createFakeWorld } from '@holdfast/drivers';
import { createLogger, systemClock } from '@holdfast/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { until } from '../../apps/agent/test-support/until.ts';
import { startAgent, type Agent, type AgentOptions } from '../../apps/agent/src/agent.ts';
import { readBasicFacts } from '../../apps/agent/src/facts/basic-facts.ts';
import { openIdentity } from '../../apps/agent/src/identity/agent-identity.ts';

const VENV = '/srv/venv';
let stack: TestStack;
let home = '';
let agents: Agent[] = [];
let world = createFakeWorld();

beforeEach(async () => {
  stack = await startTestStack();
  home = mkdtempSync(join(tmpdir(), 'holdfast-agent-'));
  world = createFakeWorld({
    environments: { system: {}, [VENV]: { six: '1.15.0' } },
    catalogue: { six: ['1.15.0', '1.16.0'] },
  });
});
afterEach(async () => {
  for (const agent of agents) await agent.stop();
  agents = [];
  await stack.close();
  rmSync(home, { recursive: true, force: true });
});

const start = async (options: Partial<AgentOptions> = {}): Promise<Agent> => {
  const agent = await startAgent({
    home,
    url: stack.url,
    drivers: [createFakeDriver({ world })],
    clock: systemClock,
    log: createLogger('agent', 'fatal'),
    readFacts: readBasicFacts,
    ...options,
  });
  agents.push(agent);
  return agent;
};
const stopAll = async () => {
  for (const agent of agents) await agent.stop();
  agents = [];
};
const connected = () =>
  until(async () => (await stack.api.listHosts({})).items.find(({ agent }) => agent.connected));
const order = (host: string, wait_ms: number) =>
  stack.driver.applyStep({
    run: 'run_1',
    step: 'a',
    target: { host },
    action: {
      driver: 'pip',
      action: 'packages.apply',
      params: {
        environment: VENV,
        operations: [{ package: 'six', from: '1.15.0', to: '1.16.0' }],
        options: [],
      },
    },
    timeout_ms: 30_000,
    wait_ms,
    fence: 1,
  });

test('an agent that lost its connection in the middle of a step comes back and hands the result in', async () => {
  await world.change((state) => ({ ...state, knobs: { delay_ms: 300 } }));
  await start({ enrolmentToken: await stack.enrolmentToken() });
  const { id } = await connected();
  await order(id, 0);
  stack.cutConnections();
  const result = await until(async () => {
    const one = await order(id, 20_000);
    return one.status === 'running' ? undefined : one;
  });
  expect(result).toMatchObject({ status: 'succeeded' });
  expect(result.resumed).toBeUndefined();
});

test('an agent finds a stack that was restarted, without a token', async () => {
  await start({ enrolmentToken: await stack.enrolmentToken() });
  const { id } = await connected();
  const { home: stackHome } = stack.world;
  const port = Number(new URL(stack.url).port);
  await stack.close({ keep: true });
  stack = await startTestStack({ home: stackHome, port });
  expect((await connected()).id).toBe(id);
});

test('an agent that was restarted connects with the key it has', async () => {
  await start({ enrolmentToken: await stack.enrolmentToken() });
  const { id } = await connected();
  await stopAll();
  await start();
  expect((await connected()).id).toBe(id);
});

test('an agent whose enrolment was answered into the void is connected all the same', async () => {
  const token = await stack.enrolmentToken();
  const identity = await openIdentity(join(home, 'agent'));
  const facts = await readBasicFacts();
  const request = { token, public_key: identity.publicKey, version: '0.1.0', facts };
  const { host } = await stack.api.enrolAgent(request);
  await start({ enrolmentToken: token });
  expect((await connected()).id).toBe(host);
  const kept = await until(async () => (await openIdentity(join(home, 'agent'))).host);
  expect(kept).toBe(host);
});

test('an agent that a stack has forgotten enrols again when it was given a token', async () => {
  const identity = await openIdentity(join(home, 'agent'));
  await identity.enrolledAs('forgotten_linux');
  await start({ enrolmentToken: await stack.enrolmentToken() });
  const { id } = await connected();
  expect(await until(async () => (await openIdentity(join(home, 'agent'))).host)).toBe(id);
});

test.each([
  ['no token', undefined, 'this machine is not enrolled'],
  ['a token that was never issued', 'made-up', 'the enrolment token is not valid'],
])('an agent with %s ends with the reason', async (_, enrolmentToken, words) => {
  const agent = await start({ enrolmentToken });
  await expect(agent.done).rejects.toThrow(words);
});

test('an agent with a token that somebody else used ends with the reason', async () => {
  const token = await stack.enrolmentToken();
  const facts = { ...(await readBasicFacts()), hostname: 'somebody-else' };
  const other = await openIdentity(join(home, 'other'));
  await stack.api.enrolAgent({ token, public_key: other.publicKey, version: '0.1.0', facts });
  const agent = await start({ enrolmentToken: token });
  await expect(agent.done).rejects.toMatchObject({ code: 'enrolment_used' });
});

test('an agent waits for a stack that does not answer yet', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  await new Promise((resolve) => taken.close(resolve));
  const token = await stack.enrolmentToken();
  const { home: stackHome } = stack.world;
  await stack.close({ keep: true });
  await start({ enrolmentToken: token, url: `http://127.0.0.1:${port}` });
  stack = await startTestStack({ home: stackHome, port });
  expect(await connected()).toMatchObject({ aliases: ['local'] });
});
