import { makePlan } from '@holdfast/change';
import { EVENT_TYPES, HoldfastError } from '@holdfast/contracts';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { CLEAR, KILLED } from './test-support/doubles.ts';
import {
  createWorkflowWorld,
  refusal,
  whileTimePasses,
  type WorkflowWorld,
} from './test-support/workflow-world.ts';

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

describe('a run', () => {
  it('carries out the steps in order, watches, and reports its end', async () => {
    const { api, plan, ended, fake, governance, world } = await start();
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    const run = await ended();
    expect(run).toMatchObject({ state: 'done', needs_revert: false, code: null });
    expect(run.steps).toMatchObject([
      { key: 'pip-flask', state: 'succeeded', attempts: 1, outcome: 'flask is 3.1.0' },
      { key: 'pip-requests', state: 'succeeded', attempts: 1 },
    ]);
    expect(fake.applied).toEqual(['chg_1/pip-flask', 'chg_1/pip-requests']);
    expect(governance.asked).toBeGreaterThanOrEqual(2);
    await world.waitForEvent((event) => event.data['step'] === 'pip-requests');
    const seqs = governance.reports.map((report) => report.seq);
    expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b));
    expect(seqs.at(-1)).toBe(run.journal);
  });

  it('writes the intent of a step down before the step is handed out', async () => {
    const { api, plan, ended, fake } = await start();
    const seen: (string | undefined)[] = [];
    fake.knobs.onApply = async (run, step) => {
      const { steps } = await api.getRun({ id: run });
      seen.push(steps.find((one) => one.key === step)?.state);
    };
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    await ended();
    expect(seen).toEqual(['running', 'running']);
  });

  it('is started once, however often it is asked for', async () => {
    const { api, plan, ended, fake } = await start();
    const first = plan();
    const request = { id: 'chg_1', plan: first, watch_ms: 0 };
    await Promise.all([api.startRun(request), api.startRun(request), api.startRun(request)]);
    await ended();
    expect((await api.startRun(request)).state).toBe('done');
    expect(fake.applied).toHaveLength(2);
    expect((await api.listRuns({})).total).toBe(1);
  });

  it('is refused for a plan that was edited, that is another one, or of another change', async () => {
    const { api, plan } = await start();
    const sound = plan();
    const edited = { ...sound, timeout_ms: 1 };
    const call = (id: string, given: typeof sound) =>
      refusal(api.startRun({ id, plan: given, watch_ms: 0 }));
    expect(await call('chg_1', edited)).toBe('plan_hash_mismatch');
    expect(await call('chg_2', sound)).toBe('invalid_input');
    expect(await refusal(api.getRun({ id: 'chg_1' }))).toBe('not_found');
    expect(await call('chg_1', sound)).toBe('not refused');
    const later = makePlan(sound, { ...sound, created_at: '2026-01-02T00:00:00.000Z' });
    expect(await call('chg_1', later)).toBe('plan_hash_mismatch');
  });

  it('fails when no kernel owns its plan', async () => {
    const { api, plan, ended } = await start();
    const foreign = makePlan(plan(), { ...plan(), owner: 'somebody' });
    await api.startRun({ id: 'chg_1', plan: foreign, watch_ms: 0 });
    expect(await ended()).toMatchObject({ state: 'failed', code: 'change_kind_unknown' });
  });
});

describe('a run and the kill switch', () => {
  it('starts no step while governance cannot be asked, and goes on when it can', async () => {
    const clock = createFakeClock();
    const { api, plan, until, ended, fake, governance } = await start({ clock });
    governance.away = true;
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    await whileTimePasses(
      clock,
      until(() => governance.asked > 5),
    );
    expect(fake.asked).not.toContain('apply');
    governance.away = false;
    expect((await whileTimePasses(clock, ended())).state).toBe('done');
  });

  it('fails without an undo when it is on before the first step', async () => {
    const { api, plan, ended, fake, governance } = await start();
    governance.clearance = KILLED;
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    expect(await ended()).toMatchObject({
      state: 'failed',
      code: 'kill_switch',
      needs_revert: false,
    });
    expect(fake.applied).toEqual([]);
  });

  it('stops before the next step when it is turned on in the middle', async () => {
    const { api, plan, ended, fake, governance } = await start();
    fake.knobs.onApply = () => {
      governance.clearance = KILLED;
    };
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    expect(await ended()).toMatchObject({ code: 'kill_switch', needs_revert: true });
    expect(fake.applied).toEqual(['chg_1/pip-flask']);
  });

  it('holds a step that is under way: its owner is not asked while it is on, and that time does not count', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { api, ended, fake, until, written, governance } = world;
    await api.startRun({ id: 'chg_1', plan: offlinePlan(world), watch_ms: 0 });
    await written(({ steps }) => steps[0]?.state === 'running');
    governance.clearance = KILLED;
    const before = governance.asked;
    // More than the time of the step, its grace included.
    await whileTimePasses(
      clock,
      until(() => governance.asked > before + 200),
    );
    const polls = fake.asked.length;
    fake.knobs.offline = false;
    await whileTimePasses(
      clock,
      until(() => governance.asked > before + 210),
    );
    expect(fake.asked).toHaveLength(polls);
    governance.clearance = CLEAR;
    expect((await whileTimePasses(clock, ended())).state).toBe('done');
    expect(fake.applied).toHaveLength(2);
  });

  it('does not ask again for a step that may not have been handed out before a restart', async () => {
    const first = await start();
    const { fake, governance } = first;
    fake.knobs.offline = true;
    await first.api.startRun({ id: 'chg_1', plan: offlinePlan(first), watch_ms: 0 });
    await first.written(({ steps }) => steps[0]?.state === 'running');
    await first.world.close({ keep: true });
    governance.clearance = KILLED;
    fake.knobs.offline = false;
    const before = governance.asked;
    const clock = createFakeClock(Date.now());
    const second = await start({ fake, governance, home: first.world.home, clock });
    await whileTimePasses(
      clock,
      second.until(() => governance.asked > before + 3),
    );
    expect(fake.applied).toEqual([]);
    governance.clearance = CLEAR;
    expect((await whileTimePasses(clock, second.ended())).state).toBe('done');
  });
});

const offlinePlan = ({ plan, fake }: WorkflowWorld) => {
  fake.knobs.offline = false;
  const made = plan();
  fake.knobs.offline = true;
  return made;
};

describe('a run that goes wrong', () => {
  it('looks before it says that something has to be undone', async () => {
    const untouched = await start();
    untouched.fake.knobs.fails['flask@3.1.0'] = 'before';
    await untouched.api.startRun({ id: 'chg_1', plan: untouched.plan(), watch_ms: 0 });
    expect(await untouched.ended()).toMatchObject({
      state: 'failed',
      code: 'step_failed',
      needs_revert: false,
      observation: { status: 'as_planned' },
    });
    await untouched.world.close();

    const touched = await start();
    touched.fake.knobs.fails['flask@3.1.0'] = 'after';
    await touched.api.startRun({ id: 'chg_1', plan: touched.plan(), watch_ms: 0 });
    expect(await touched.ended()).toMatchObject({ state: 'failed', needs_revert: true });
  });

  it('has to be undone when nobody can say what it did', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake } = await start({ clock });
    fake.knobs.fails['flask@3.1.0'] = 'before';
    const observe = fake.ops as Record<string, unknown>;
    observe['observeChange'] = () => {
      throw new HoldfastError('agent_offline', { id: 'box' });
    };
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    expect(await whileTimePasses(clock, ended())).toMatchObject({
      needs_revert: true,
      observation: { status: 'unknown' },
    });
  });

  it('asks again while the agent is away, and carries the step out once', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { api, ended, fake, written } = world;
    await api.startRun({ id: 'chg_1', plan: offlinePlan(world), watch_ms: 0 });
    await written(({ steps }) => steps[0]?.state === 'running');
    fake.knobs.offline = false;
    expect((await whileTimePasses(clock, ended())).state).toBe('done');
    expect(fake.applied).toHaveLength(2);
  });

  it('gives a step up when its time is over', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, world } = await start({ clock });
    fake.knobs.hangs.add('flask@3.1.0');
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    const run = await whileTimePasses(clock, ended());
    expect(run).toMatchObject({ state: 'failed', code: 'step_timeout' });
    expect(run.detail).toContain('not finished after 60000 ms');
    const finished = await world.waitForEvent(({ type }) => type === EVENT_TYPES.stepFinished);
    expect(finished.data).toMatchObject({ step: 'pip-flask', code: 'step_timeout' });
  });

  it('waits for the time of the watch before it looks', async () => {
    const clock = createFakeClock();
    const { api, plan, written, ended, fake } = await start({ clock });
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 600_000 });
    await written(({ state }) => state === 'watching');
    expect(fake.asked).not.toContain('observe');
    fake.installed = { ...fake.installed, flask: '9.9.9' };
    expect(await whileTimePasses(clock, ended())).toMatchObject({
      state: 'failed',
      code: 'watch_failed',
      needs_revert: true,
      observation: { status: 'different', differences: ['flask is 9.9.9'] },
    });
  });
});

describe('reporting', () => {
  it('tells how a run goes on while its steps follow each other without a pause', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, governance } = await start({ clock });
    const names = Array.from({ length: 30 }, (_, at) => `package-${at}`);
    fake.declared = Object.fromEntries(names.map((name) => [name, '1.0.0']));
    fake.knobs.onApply = () => clock.advance(10);
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    const { steps } = await ended();
    expect(steps).toHaveLength(names.length);
    const before = governance.reports.filter(({ state }) => state === 'applying');
    expect(before.length).toBeGreaterThanOrEqual(5);
  });

  it('goes on after a restart until governance has taken the end in', async () => {
    const first = await start();
    const { fake, governance } = first;
    fake.knobs.onApply = (_run, step) => {
      if (step === 'pip-requests') governance.away = true;
    };
    await first.api.startRun({ id: 'chg_1', plan: first.plan(), watch_ms: 0 });
    await first.written(({ state }) => state === 'done');
    await first.world.close({ keep: true });
    expect(governance.reports.some((report) => report.state === 'done')).toBe(false);
    governance.away = false;
    const second = await start({ fake, governance, home: first.world.home });
    expect((await second.ended()).state).toBe('done');
    expect(fake.applied).toHaveLength(2);
  });
});
