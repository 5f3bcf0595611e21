import { invertPlan, makePlan } from '@holdfast/change';
import { HoldfastError, type Run } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorkflowWorld, whileTimePasses } from './test-support/workflow-world.ts';
import type { WorkflowWorld } from './test-support/workflow-world.ts';

let open: WorkflowWorld | undefined;
const start = async (
  ...options: Parameters<typeof createWorkflowWorld>
): Promise<WorkflowWorld> => {
  open = await createWorkflowWorld(...options);
  return open;
};
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const SIGNAL = {
  name: 'errors',
  unit: 'per minute',
  direction: 'lower_is_better',
  max_regression: 0.5,
  min_change: 0,
} as const;
const watched = () => ({ signals: [SIGNAL] });

describe('the watch over signals', () => {
  /** A run whose signal has one value before its first step and another one from then on. */
  const run = async (before: number | null, after: number | null): Promise<Run> => {
    const { api, plan, ended, fake, owner } = await start();
    owner.gauge = () => ({ errors: fake.applied.length === 0 ? before : after });
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', watched), watch_ms: 0 });
    return ended();
  };

  it('fails a change after which a signal is worse, and names it with its values', async () => {
    const ended = await run(10, 16);
    expect(ended).toMatchObject({ state: 'failed', code: 'watch_failed', needs_revert: true });
    expect(ended.detail).toContain('errors went from 10 to 16 per minute');
    expect(ended.baseline.map(({ values }) => values['errors'])).toEqual([10, 10]);
    expect(open!.governance.reports.at(-1)?.watched).toMatchObject([
      { values: { errors: 16 } },
      { values: { errors: 16 } },
    ]);
  });

  it('lets a change pass whose signals stay within their limits', async () => {
    expect(await run(10, 15)).toMatchObject({ state: 'done', needs_revert: false });
  });

  it('fails a change whose signals cannot be measured any more', async () => {
    expect(await run(10, null)).toMatchObject({ code: 'watch_failed', needs_revert: true });
  });

  it('starts no step when they cannot be measured in the first place', async () => {
    const ended = await run(null, 10);
    expect(ended).toMatchObject({ code: 'watch_failed', needs_revert: false });
    expect(ended.detail).toContain('errors could not be measured in 2 of 2 samples');
    expect(open!.fake.applied).toEqual([]);
  });

  it('passes only together with what is seen', async () => {
    const { api, plan, ended, fake, owner } = await start();
    owner.gauge = () => ({ errors: 1 });
    fake.knobs.sees = 'different';
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', watched), watch_ms: 0 });
    expect(await ended()).toMatchObject({ code: 'watch_failed', needs_revert: true });
  });

  it('bears with an owner that is away for a moment', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, owner } = await start({ clock });
    let asked = 0;
    owner.gauge = () => {
      asked += 1;
      if (asked % 2 === 1) throw new HoldfastError('kernel_unavailable', { kernel: 'owner' });
      return { errors: 1 };
    };
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', watched), watch_ms: 0 });
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done' });
    expect(asked).toBe(8);
  });

  it('measures all through both windows, and keeps a bounded number of samples', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, owner } = await start({ clock });
    owner.gauge = () => ({ errors: 1 });
    const request = { id: 'chg_1', plan: plan('chg_1', watched) };
    await api.startRun({ ...request, baseline_ms: 5_000, watch_ms: 600_000 });
    const run = await whileTimePasses(clock, ended());
    expect(run).toMatchObject({ state: 'done' });
    expect([run.baseline.length, run.watched.length]).toEqual([6, 60]);
  });

  it('watches for the whole time again when it was cut off by a restart', async () => {
    const clock = createFakeClock();
    const first = await start({ clock });
    const { fake, governance } = first;
    first.owner.gauge = () => ({ errors: 1 });
    const request = { id: 'chg_1', plan: first.plan('chg_1', watched), watch_ms: 20_000 };
    await first.api.startRun(request);
    await whileTimePasses(
      clock,
      first.until(() => governance.reports.some(({ state }) => state === 'watching')),
    );
    await clock.advance(10_000);
    await first.world.close({ keep: true });
    const again = createFakeClock(clock.now());
    const second = await start({ fake, governance, home: first.world.home, clock: again });
    second.owner.gauge = () => ({ errors: 9 });
    const run = await whileTimePasses(again, second.ended());
    expect(run).toMatchObject({ code: 'watch_failed' });
    expect(run.watched).toHaveLength(21);
  });
});

describe('an undo', () => {
  /** A change that is done, and the plan that undoes it. */
  const done = async () => {
    const world = await start();
    const { api, plan, ended } = world;
    const original = plan();
    await api.startRun({ id: 'chg_1', plan: original, watch_ms: 0 });
    const { steps } = await ended();
    const base = { revision: 'now', observed_at: original.created_at };
    const meta = { change: 'chg_2', kind: 'revert', owner: original.owner };
    const draft = invertPlan(original, steps, base);
    // Its steps move off the baseline; what the ledger says to that is not what this is about.
    const undo = makePlan(draft, { ...meta, created_at: original.created_at });
    return { ...world, original, request: { id: 'chg_2', plan: undo, watch_ms: 0 } };
  };

  it('is done once the world is as it was recorded before the change that it undoes', async () => {
    const { api, ended, request } = await done();
    await api.startRun({ ...request, reverts: 'chg_1' });
    const run = await ended('chg_2');
    expect(run).toMatchObject({ state: 'done' });
    expect(run.detail).toBe('the world is as it was before change chg_1');
  });

  it('fails when its steps succeeded and what they touched is different all the same, and says what', async () => {
    const { api, ended, fake, request } = await done();
    fake.knobs.onApply = (_run, step) => {
      if (step === 'pip-flask') fake.installed = { ...fake.installed, requests: '9.9.9' };
    };
    await api.startRun({ ...request, reverts: 'chg_1' });
    const run = await ended('chg_2');
    expect(run).toMatchObject({
      state: 'failed',
      code: 'watch_failed',
      observation: { status: 'different', differences: ['requests is 9.9.9'] },
    });
    expect(run.detail).toContain('what it touched is not as it was before change chg_1');
    expect(run.detail).toContain('requests is 9.9.9');
  });

  it('fails when the change that it undoes is not known', async () => {
    const { api, ended, request } = await done();
    await api.startRun({ ...request, reverts: 'chg_0' });
    expect(await ended('chg_2')).toMatchObject({
      state: 'failed',
      observation: { status: 'unknown' },
    });
  });
});
