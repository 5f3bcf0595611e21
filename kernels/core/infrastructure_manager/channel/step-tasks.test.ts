import type { ToAgent } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveKernel, type ServedKernel } from '../test-support/served-kernel.ts';
import {
  connectScriptedAgent,
  createAgentKey,
  enrolTestHost,
  type ScriptedAgent,
} from '../test-support/scripted-agent.ts';

let kernel: ServedKernel;
let host = '';
const key = createAgentKey();

beforeEach(async () => {
  kernel = await serveKernel();
  host = await enrolTestHost(kernel, key);
});
afterEach(() => kernel.close());

const connect = () => connectScriptedAgent({ kernel, host, key });
const order = (wait_ms: number, step = 'a', fence = 1) => ({
  run: 'run_1',
  step,
  target: { host },
  action: { driver: 'pip', action: 'packages.apply', params: { environment: '/srv/venv' } },
  timeout_ms: 1000,
  wait_ms,
  fence,
});
const isStep = (message: ToAgent) => message.type === 'task' && message.task.type === 'apply_step';
const stepTask = async (agent: ScriptedAgent) => {
  return (await agent.waitFor(isStep)) as Extract<ToAgent, { type: 'task' }>;
};
const finish = (agent: ScriptedAgent, task_id: string, detail: string) => {
  const step = { status: 'succeeded', detail } as const;
  agent.send({ type: 'result', result: { task_id, ok: true, step } });
  return agent.waitFor((message) => message.type === 'result_ack' && message.task_id === task_id);
};

test('a step is sent again, under the same task id and only when it is asked for, to an agent that comes back', async () => {
  const first = await connect();
  expect(await kernel.driver.applyStep(order(0))).toMatchObject({ status: 'running' });
  const { task_id } = await stepTask(first);
  expect((await kernel.api.getHost({ id: host })).dependency_status).toBe('updating');
  await first.close();

  const second = await connect();
  const resent = stepTask(second);
  // Messages keep their order: what comes before the acknowledgement was sent by the connection itself.
  await finish(second, 'another task', 'unknown');
  expect(second.received.filter(isStep)).toEqual([]);
  for (const _ of ['asked', 'asked again'])
    expect(await kernel.driver.applyStep(order(0))).toMatchObject({ status: 'running' });
  expect((await resent).task_id).toBe(task_id);
  await finish(second, task_id, 'done once');
  expect(second.received.filter(isStep)).toHaveLength(1);
  expect(await kernel.driver.applyStep(order(0))).toEqual({
    status: 'succeeded',
    detail: 'done once',
  });
  await second.close();

  const third = await connect();
  await finish(third, task_id, 'said again');
  expect(third.received.filter(({ type }) => type === 'task')).toEqual([]);
  expect(await kernel.driver.applyStep(order(0))).toMatchObject({ detail: 'done once' });
  await third.close();
});

test('callers that ask for the same step at once get one task and one result', async () => {
  const agent = await connect();
  const waiting = Promise.all([1, 2, 3].map(() => kernel.driver.applyStep(order(20_000))));
  const { task_id } = await stepTask(agent);
  await finish(agent, task_id, 'done');
  expect(await waiting).toEqual(Array(3).fill({ status: 'succeeded', detail: 'done' }));
  expect(agent.received.filter(({ type }) => type === 'task')).toHaveLength(1);
  await agent.close();
});

test('a step that was ordered survives a restart of the kernel', async () => {
  const before = await connect();
  await kernel.driver.applyStep(order(0));
  const { task_id } = await stepTask(before);
  const { home } = kernel.world;
  await kernel.close({ keep: true });

  kernel = await serveKernel({ home });
  const after = await connect();
  await kernel.driver.applyStep(order(0));
  expect((await stepTask(after)).task_id).toBe(task_id);
  await finish(after, task_id, 'done');
  expect(await kernel.driver.applyStep(order(0))).toMatchObject({ status: 'succeeded' });
  await after.close();
});

test('without an agent a new step is refused and never carried out later', async () => {
  await expect(kernel.driver.applyStep(order(0))).rejects.toMatchObject({ code: 'agent_offline' });
  const agent = await connect();
  agent.sendText('end');
  await agent.closed;
  expect(agent.received.filter(({ type }) => type === 'task')).toEqual([]);
});

test('a step cannot be ordered again with another action', async () => {
  const agent = await connect();
  await kernel.driver.applyStep(order(0));
  const other = { ...order(0), action: { ...order(0).action, driver: 'npm' } };
  await expect(kernel.driver.applyStep(other)).rejects.toMatchObject({ code: 'invalid_input' });
  await agent.close();
});

test('the result of a step of one host is not taken from another', async () => {
  const agent = await connect();
  await kernel.driver.applyStep(order(0));
  const { task_id } = await stepTask(agent);
  const strangerKey = createAgentKey();
  const strangerHost = await enrolTestHost(kernel, strangerKey, 'stranger');
  const stranger = await connectScriptedAgent({ kernel, host: strangerHost, key: strangerKey });
  await finish(stranger, task_id, 'not mine');
  expect(await kernel.driver.applyStep(order(0))).toMatchObject({ status: 'running' });
  await stranger.close();
  await agent.close();
});

test('a step whose agent never reports fails with step_timeout and is not sent any more', async () => {
  await kernel.close();
  const clock = createFakeClock();
  kernel = await serveKernel({ clock });
  host = await enrolTestHost(kernel, key);
  const agent = await connect();
  await kernel.driver.applyStep(order(0));
  await agent.close();
  await clock.advance(62_000);
  expect(await kernel.driver.applyStep(order(0))).toMatchObject({
    status: 'failed',
    code: 'step_timeout',
  });
  const back = await connect();
  back.sendText('end');
  await back.closed;
  expect(back.received.filter(({ type }) => type === 'task')).toEqual([]);
});

test('a step is refused to an engine whose run another one has taken over, also after a restart', async () => {
  const agent = await connect();
  await kernel.driver.applyStep(order(0));
  expect(await kernel.driver.applyStep(order(0, 'a', 2))).toMatchObject({ status: 'running' });
  const late = kernel.driver.applyStep(order(0));
  await expect(late).rejects.toMatchObject({ code: 'fenced' });
  await agent.close();
  await kernel.close({ keep: true });
  kernel = await serveKernel({ home: kernel.world.home });
  const again = await connect();
  const other = kernel.driver.applyStep(order(0, 'b', 1));
  await expect(other).rejects.toMatchObject({ code: 'fenced' });
  expect(await kernel.driver.applyStep(order(0, 'b', 2))).toMatchObject({ status: 'running' });
  expect(await stepTask(again)).toMatchObject({ task: { step_key: 'b' } });
  await again.close();
});
