import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isTerminal,
  type Assignment,
  type Change,
  type WorkloadObservation,
} from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  startFakeCluster,
  type FakeCluster,
} from '../../kernels/execution/mode_keeper/test-support/fake-cluster.ts';
import { httpCall } from '../harness/http-call.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import { isRunning } from '../harness/process-facts.ts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const KERNEL = 'mode_keeper';
const TARGET = { workload: 'trainer' };
/** Empty, or '(SKIPPED: not shipped yet: ...)'. */
const missing = unlessShipped([KERNEL]);

describe.skipIf(missing)(`the tuning of a workload through a running stack${missing}`, () => {
  let stack: Stack;
  let cluster: FakeCluster;

  const call = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    httpCall(stack.url + path, { method, token: stack.token(), ...(body ? { body } : {}) });
  const kernel = async (): Promise<Assignment> =>
    (await stack.guardian.getGuardianStatus({})).kernels.find((one) => one.name === KERNEL)!;
  const tune = (knobs: Record<string, number>): Promise<Change> =>
    stack.governance.proposeChange({ kind: 'workload.tune', target: TARGET, intent: { knobs } });
  const ended = (id: string): Promise<Change> =>
    until('the end of the change', async () => {
      const now = await stack.governance.getChange({ id });
      return isTerminal(now.state) && now;
    });

  /** As a loss of power: the keeper first, so that nobody starts anything again. */
  const killAll = async (): Promise<void> => {
    const keeper = readFileSync(join(stack.home, 'run', 'keeper.json'), 'utf8');
    const { pid } = JSON.parse(keeper) as { pid: number };
    const pids = [pid, ...(await stack.processes()).map((one) => one.pid!)];
    for (const one of pids) process.kill(one, 'SIGKILL');
    await until('all of them gone', () => !pids.some(isRunning));
  };

  beforeAll(async () => {
    cluster = await startFakeCluster({ grad_accum_steps: '4', microbatch_size: '64' });
    stack = await createOwnStack({
      activation: 'on-demand',
      idle_s: 2,
      kubeconfig: cluster.kubeconfig,
    });
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
  });
  afterAll(async () => {
    await stack?.destroy();
    await cluster?.close();
  });

  test('its kernel sleeps until somebody registers a workload, and sees it then', async () => {
    expect(await kernel()).toMatchObject({ status: 'idle', pid: null });
    const spec = { ref: { name: 'trainer' }, source: { pod_logs: {} } };
    const registered = await call('PUT', '/api/workloads/trainer', spec);
    expect([registered.status, registered.json()]).toMatchObject([200, { id: 'trainer' }]);
    const seen = await call('POST', '/api/workloads/trainer/observe', {});
    expect(seen.json() as WorkloadObservation).toMatchObject({
      problem: null,
      values: { step_time_ms: 100 },
      knobs: { grad_accum_steps: 4, microbatch_size: 64 },
    });
  });

  test('a change is patched once, though the kernel is killed before it could say so', async () => {
    cluster.faults.stuck = true;
    const { id } = await tune({ grad_accum_steps: 8, microbatch_size: 32 });
    await until('the patch', async () => cluster.stored.length === 1);
    const { pid } = await kernel();
    process.kill(pid!, 'SIGKILL');
    cluster.faults.stuck = false;
    cluster.touch(() => undefined);
    expect(await ended(id)).toMatchObject({ state: 'done' });
    expect(cluster.stored).toHaveLength(1);
    expect(cluster.knobs()).toEqual({ grad_accum_steps: '8', microbatch_size: '32' });
    const undo = await stack.governance.revertChange({ id });
    expect(await ended(undo.id)).toMatchObject({ state: 'done' });
    expect(cluster.knobs()).toEqual({ grad_accum_steps: '4', microbatch_size: '64' });
  });

  test('its kernel stays awake as long as a workload is registered', async () => {
    const { pid } = await kernel();
    // Longer than its idle time: the observation of before it is the mark.
    const { length } = cluster.stored;
    await call('PUT', '/api/workloads/trainer', {
      ref: { name: 'trainer' },
      source: { pod_logs: {} },
      interval_s: 3,
    });
    const total = async (): Promise<number> =>
      (await call('GET', '/api/workloads/trainer/observations')).json<{ total: number }>().total;
    const before = await total();
    await until('another look of its own', async () => (await total()) > before);
    expect(await kernel()).toMatchObject({ status: 'healthy', pid });
    expect(cluster.stored).toHaveLength(length);
  });

  test.each([
    ['a stop', () => stack.down()],
    ['the end of all of its processes at once', () => killAll()],
  ])('goes on watching after %s, though nobody calls it', async (_what, end) => {
    const spec = { ref: { name: 'trainer' }, source: { pod_logs: {} }, interval_s: 1 };
    await call('PUT', '/api/workloads/trainer', spec);
    await end();
    const read = cluster.reads;
    expect((await stack.up()).code).toBe(0);
    await until('a look of its own', async () => cluster.reads > read);
    expect(await kernel()).toMatchObject({ status: 'healthy' });
  });

  test('it sleeps once nothing is registered any more, also over the next start', async () => {
    await call('DELETE', '/api/workloads/trainer');
    await until('the kernel asleep', async () => (await kernel()).status === 'idle');
    await stack.down();
    expect((await stack.up()).code).toBe(0);
    expect(await kernel()).toMatchObject({ status: 'idle', pid: null });
  });
});
