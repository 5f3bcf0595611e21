import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStartTime } from '@holdfast/drivers';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleSlowAgent, spawnAgent, type AgentProcess } from './support/agent-process.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';
import { until } from '../../apps/agent/test-support/until.ts';

let file = '';
let root = '';
let environment = '';
let stack: TestStack;
let agent: AgentProcess;
let host = '';

beforeAll(async () => {
  file = await bundleSlowAgent(mkdtempSync(join(tmpdir(), 'holdfast-bundle-')));
  return () => rmSync(join(file, '..'), { recursive: true, force: true });
});

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-agent-'));
  environment = join(root, 'environment');
  mkdirSync(environment);
  writeFileSync(join(environment, 'packages.json'), '{"six":"1.15.0"}');
  stack = await startTestStack();
  agent = start(await stack.enrolmentToken());
  host = (await until(async () => (await stack.api.listHosts({})).items.find(isConnected))).id;
});

afterEach(async () => {
  await agent.kill();
  await stack.close();
  rmSync(root, { recursive: true, force: true });
});

const isConnected = (one: { agent: { connected: boolean } }) => one.agent.connected;
const start = (token?: string) =>
  spawnAgent(file, {
    AGENT_HOME: root,
    AGENT_URL: stack.url,
    ...(token === undefined ? {} : { AGENT_TOKEN: token }),
  });
const let_ = (name: 'go' | 'return') => writeFileSync(join(environment, name), '');
const lines = (word: string) => {
  try {
    const text = readFileSync(join(environment, 'effects.log'), 'utf8');
    return text.split('\n').filter((line) => line.startsWith(word));
  } catch {
    return [];
  }
};
const seen = (word: string, count: number) =>
  until(() => (lines(word).length >= count ? lines(word) : undefined));

const order = (wait_ms: number) =>
  stack.driver.applyStep({
    run: 'run_1',
    step: '1.pip.six',
    target: { host },
    action: {
      driver: 'pip',
      action: 'packages.apply',
      params: {
        environment,
        operations: [{ package: 'six', from: '1.15.0', to: '1.16.0' }],
        options: [],
      },
    },
    timeout_ms: 60_000,
    wait_ms,
    fence: 1,
  });

/** The effect of the step as the environment itself shows it. */
const expectOneEffect = () => {
  expect(lines('effect')).toEqual(['effect six 1.16.0']);
  expect(JSON.parse(readFileSync(join(environment, 'packages.json'), 'utf8'))).toEqual({
    six: '1.16.0',
  });
};

test('killed while its child is at work, the agent ends that child, does the step again and says so', async () => {
  expect(await order(0)).toMatchObject({ status: 'running' });
  const [begun] = await seen('begin', 1);
  const childPid = Number(begun!.split(' ')[1]);
  await agent.kill();
  expect(await processStartTime(childPid)).toBeDefined();

  agent = start();
  await until(async () => (await processStartTime(childPid)) === undefined);
  await until(async () => {
    await order(0);
    return lines('begin').length === 2;
  });
  let_('go');
  let_('return');
  const result = await until(async () => {
    const one = await order(500);
    return one.status === 'running' ? undefined : one;
  });
  expect(result).toMatchObject({ status: 'succeeded', resumed: true });
  expect(result.detail).toContain('had to be done again');
  expectOneEffect();
});

test('killed after the effect and before the result, the agent does nothing again and says so', async () => {
  let_('go');
  await order(0);
  await seen('effect', 1);
  await agent.kill();

  let_('return');
  agent = start();
  const result = await until(async () => {
    const one = await order(500);
    return one.status === 'running' ? undefined : one;
  });
  expect(result).toMatchObject({ status: 'succeeded', resumed: true });
  expect(result.detail).toContain('it had been finished before');
  expect(lines('begin')).toHaveLength(1);
  expectOneEffect();
});

test('stopped in the middle of a step, the agent leaves no process behind and the next one finishes the step', async () => {
  await order(0);
  const [begun] = await seen('begin', 1);
  await agent.stop();
  const state = await processStartTime(Number(begun!.split(' ')[1]));
  expect(state).toBeUndefined();

  let_('go');
  let_('return');
  agent = start();
  const result = await until(async () => {
    const one = await order(500);
    return one.status === 'running' ? undefined : one;
  });
  expect(result).toMatchObject({ status: 'succeeded', resumed: true });
  expectOneEffect();
});
