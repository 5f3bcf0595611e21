import { CLEARANCE_MS, type DraftPlan } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { CLEAR, KILLED } from './test-support/doubles.ts';
import { engineThatWrites, type Written } from './test-support/held-writes.ts';
import {
  createWorkflowWorld,
  offBaseline,
  whileTimePasses,
  type WorkflowWorld,
} from './test-support/workflow-world.ts';

let open: WorkflowWorld | undefined;
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

/** A run of two steps without a watch; `hold` sees each of its writes before it is made. The clock stands still. */
const start = async (hold: (written: Written, world: WorkflowWorld) => unknown) => {
  const clock = createFakeClock();
  const kernels = [engineThatWrites((written) => hold(written, world))];
  const world = await createWorkflowWorld({ kernels, clock });
  open = world;
  const { api, plan } = world;
  return {
    ...world,
    clock,
    startRun: () => api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 }),
  };
};

const isBirth = ({ kind }: Written): boolean => kind === 'started';
const isLastResult = ({ kind, step }: Written): boolean =>
  kind === 'result' && step === 'pip-requests';

describe('the intent of the first step', () => {
  const kindsOf = async (
    change: (draft: DraftPlan) => Partial<DraftPlan> = () => ({}),
    trouble: Partial<WorkflowWorld['governance']> = {},
  ): Promise<string[]> => {
    const kinds: string[] = [];
    const { api, plan, ended, governance } = await start(({ kind, step }) =>
      kinds.push(step === null ? kind : `${kind} ${step}`),
    );
    Object.assign(governance, trouble);
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', change), watch_ms: 0 });
    await ended();
    return kinds;
  };

  it('is written with the birth of the run where the step is of low risk', async () => {
    expect(await kindsOf()).toEqual([
      'started',
      'result pip-flask',
      'intent pip-requests',
      'result pip-requests',
    ]);
  });

  it('is taken back where the step may not start', async () => {
    expect(await kindsOf(undefined, { clearance: KILLED })).toEqual([
      'started',
      'held pip-flask',
      'failing pip-flask',
      'finished',
    ]);
  });

  it('is not written ahead where its receipt has to be waited for', async () => {
    const risky = ({ steps: [first] }: DraftPlan) => ({ steps: [offBaseline(first!)] });
    expect((await kindsOf(risky)).slice(0, 2)).toEqual(['started', 'intent pip-flask']);
  });
});

describe('governance', () => {
  it('is asked about the first step while the run is being written down, and not again', async () => {
    const { startRun, ended, governance, fake } = await start(async (written, { until }) => {
      if (isBirth(written)) await until(() => governance.asked === 1);
    });
    await startRun();
    expect((await ended()).state).toBe('done');
    expect(fake.applied).toHaveLength(2);
    expect(governance.asked).toBe(2);
  });

  it('is asked again when that took longer than a moment', async () => {
    const { startRun, ended, governance, fake, clock } = await start(async (written, { until }) => {
      if (!isBirth(written)) return;
      await until(() => governance.asked === 1);
      governance.clearance = KILLED;
      await clock.advance(CLEARANCE_MS);
    });
    await startRun();
    expect(await ended()).toMatchObject({
      state: 'failed',
      code: 'kill_switch',
      needs_revert: false,
      steps: [{ state: 'pending', attempts: 0, started_at: null }, { state: 'pending' }],
    });
    expect(fake.applied).toEqual([]);
  });

  it.each([
    ['could not be asked', { away: true }],
    ['said no', { clearance: KILLED }],
  ])('is asked again when it %s ahead', async (_, trouble) => {
    const { startRun, ended, governance } = await start(async (written, { until }) => {
      if (!isBirth(written)) return;
      await until(() => governance.asked === 1);
      Object.assign(governance, { away: false, clearance: CLEAR });
    });
    Object.assign(governance, trouble);
    await startRun();
    expect((await ended()).state).toBe('done');
    expect(governance.asked).toBe(3);
  });
});

describe('the target', () => {
  const untilSeen = async ({ fake }: WorkflowWorld): Promise<void> => {
    while (!fake.asked.includes('observe')) await new Promise((resolve) => setImmediate(resolve));
  };

  it('is looked at before the end of the last step is written down, and both are one write', async () => {
    const ends: string[] = [];
    const { startRun, ended, fake } = await start(async (written, world) => {
      if (isLastResult(written)) await untilSeen(world);
      ends.push(written.kind);
    });
    await startRun();
    expect((await ended()).state).toBe('done');
    expect(fake.asked).toEqual(['plan', 'apply', 'apply', 'observe']);
    expect(ends.at(-1)).toBe('result');
  });

  it('that takes its time is not waited for: what the step came to is written down by then', async () => {
    let see = (): void => {};
    const ends: string[] = [];
    const world = await start((written) => {
      ends.push(written.kind);
      if (isLastResult(written)) see();
    });
    const { startRun, ended, owner, clock, fake } = world;
    owner.eyes = () => new Promise((resolve) => (see = resolve));
    await startRun();
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done' });
    expect(ends.slice(-2)).toEqual(['result', 'finished']);
    expect(fake.asked.filter((asked) => asked === 'observe')).toHaveLength(1);
  });

  it('is looked at again when the end of the step could not be written down', async () => {
    let failures = 0;
    const { startRun, ended, fake, clock } = await start(async (written, world) => {
      if (!isLastResult(written) || failures > 0) return;
      await untilSeen(world);
      failures += 1;
      fake.installed = { ...fake.installed, flask: '9.9.9' };
      throw new Error('the disk is full');
    });
    await startRun();
    expect(await whileTimePasses(clock, ended())).toMatchObject({
      state: 'failed',
      code: 'watch_failed',
    });
    expect(fake.applied).toHaveLength(2);
    expect(fake.asked.filter((asked) => asked === 'observe')).toHaveLength(2);
  });
});
