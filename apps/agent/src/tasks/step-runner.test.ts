import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackageDriver, StepResult, TaskResult } from '@holdfast/contracts';
import { createFakeDriver, createFakeWorld } from '@holdfast/drivers';
import { createLogger, systemClock } from '@holdfast/sdk';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../test-support/until.ts';
import { openJournal, type Journal, type StepTask } from '../journal/journal.ts';
import { createStepRunner } from './step-runner.ts';

let dir = '';
let journal: Journal;
let results: TaskResult[] = [];
let wake = (): void => {};

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-steps-'));
  journal = await openJournal(dir);
  results = [];
});
afterEach(async () => {
  await journal.close();
  rmSync(dir, { recursive: true, force: true });
});

const resultCount = async (count: number): Promise<void> => {
  while (results.length < count) await new Promise<void>((resolve) => (wake = resolve));
};

const runner = (driver: PackageDriver, clock = systemClock) =>
  createStepRunner({
    journal,
    drivers: [driver],
    clock,
    log: createLogger('test', 'fatal'),
    onResult(result) {
      results.push(result);
      wake();
    },
  });

const task = (environment: string, to = '1.16.0'): StepTask => ({
  type: 'apply_step',
  step_key: 'a',
  action: {
    driver: 'pip',
    action: 'packages.apply',
    params: { environment, operations: [{ package: 'six', from: null, to }], options: [] },
  },
  timeout_ms: 5000,
});

const fakeWith = (knobs = {}) =>
  createFakeDriver({
    world: createFakeWorld({
      environments: { '/a': {}, '/b': {} },
      catalogue: { six: ['1.15.0', '1.16.0'] },
      knobs,
    }),
  });

/** A driver whose applies end when the test says so; it tells how many ran at once in each environment. */
const gatedDriver = () => {
  const open = new Map<string, ((result: StepResult) => void)[]>();
  let most = 0;
  const started: string[] = [];
  const driver: PackageDriver = {
    ...fakeWith(),
    apply(action) {
      const environment = String(action.params['environment']);
      started.push(environment);
      const waiting = open.get(environment) ?? [];
      open.set(environment, waiting);
      return new Promise((resolve) => {
        waiting.push(resolve);
        most = Math.max(most, waiting.length);
      });
    },
  };
  const release = async (environment: string): Promise<void> => {
    const end = await until(() => open.get(environment)?.shift());
    end({ status: 'succeeded', detail: 'done' });
  };
  return { driver, release, started, mostAtOnce: () => most };
};

test('a task is carried out once: sent again it gives the same result, and nothing once it is acknowledged', async () => {
  const steps = runner(fakeWith());
  await Promise.all([steps.take('t1', task('/a')), steps.take('t1', task('/a'))]);
  await resultCount(1);
  await steps.take('t1', task('/a'));
  expect(results).toHaveLength(2);
  expect(results[1]).toEqual(results[0]);
  expect(results[0]).toMatchObject({ ok: true, step: { status: 'succeeded' } });
  await journal.acked('t1');
  await steps.take('t1', task('/a'));
  expect(results).toHaveLength(2);
});

test('steps of one environment wait for each other, those of another do not', async () => {
  const { driver, release, started, mostAtOnce } = gatedDriver();
  const steps = runner(driver);
  await steps.take('t1', task('/a'));
  await steps.take('t2', task('/a'));
  await steps.take('t3', task('/b'));
  await release('/b');
  await resultCount(1);
  expect(started.toSorted()).toEqual(['/a', '/b']);
  await release('/a');
  await release('/a');
  await resultCount(3);
  expect(results.map(({ task_id }) => task_id)).toEqual(['t3', 't1', 't2']);
  expect(mostAtOnce()).toBe(1);
});

test.each([
  ['throws', { apply: 'throws' }, 'step_failed'],
  ['fails', { apply: 'fails_before' }, 'step_failed'],
] as const)('a driver that %s makes a failed result with its code', async (_, knobs, code) => {
  const steps = runner(fakeWith(knobs));
  await steps.take('t1', task('/a'));
  await resultCount(1);
  expect(results[0]).toMatchObject({ ok: false, step: { status: 'failed', code } });
});

test('a driver that hangs is ended at the time limit of the step', async () => {
  const steps = runner(fakeWith({ apply: 'hangs' }));
  await steps.take('t1', { ...task('/a'), timeout_ms: 50 });
  await resultCount(1);
  expect(results[0]).toMatchObject({ step: { status: 'failed', code: 'step_timeout' } });
});

test('a step for a manager that this agent has not fails', async () => {
  const steps = runner(fakeWith());
  const other = task('/a');
  await steps.take('t1', { ...other, action: { ...other.action, driver: 'apt' } });
  await resultCount(1);
  expect(results[0]).toMatchObject({ step: { code: 'driver_unavailable' } });
});

test('drained, a runner records nothing of what it ended, and the next one takes it up when it is sent again', async () => {
  const first = runner(fakeWith({ apply: 'hangs' }));
  await first.take('t1', task('/a'));
  await first.drain(0);
  await first.take('t2', task('/b'));
  expect(results).toEqual([]);
  expect(journal.entries().map(({ id }) => id)).toEqual(['t1']);

  const next = runner(fakeWith());
  await next.endLeftovers();
  expect(results).toEqual([]);
  await next.take('t1', task('/a'));
  await resultCount(1);
  expect(results[0]).toMatchObject({
    task_id: 't1',
    step: { status: 'succeeded', resumed: true },
  });
  expect(results[0]?.step?.detail).toContain('all had to be done again');
});

test('a step whose time ran out while nobody was there is not carried out late', async () => {
  const clock = createFakeClock();
  await journal.received('t1', task('/a'), clock.now());
  await clock.advance(5001);
  const world = createFakeWorld({ environments: { '/a': {} }, catalogue: { six: ['1.16.0'] } });
  await runner(createFakeDriver({ world }), clock).take('t1', task('/a'));
  await resultCount(1);
  expect(results[0]).toMatchObject({
    step: { status: 'failed', code: 'step_timeout', resumed: true },
  });
  expect((await world.read()).environments['/a']).toEqual({});
});
