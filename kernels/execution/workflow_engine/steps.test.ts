import type { DraftPlan, InclusionProofFile } from '@holdfast/contracts';
import { createFakeClock, type FakeClock } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { CLEAR, FROZEN, KILLED } from './test-support/doubles.ts';
import {
  createWorkflowWorld,
  offBaseline,
  refusal,
  whileTimePasses,
  workflowStep,
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

/** The same world in a new process, with the clock moved on. */
const restart = async ({ world, fake, governance }: WorkflowWorld, now: number) => {
  await world.close({ keep: true });
  const clock = createFakeClock(now);
  return { clock, ...(await start({ fake, governance, home: world.home, clock })) };
};

const lowThenMedium = ({ steps: [low, medium] }: DraftPlan) => ({
  steps: [low!, offBaseline(medium!)],
});
const withRetry =
  (attempts: number, backoff_ms: number) =>
  ({ steps: [first, second] }: DraftPlan) => ({
    steps: [{ ...first!, retry: { attempts, backoff_ms } }, second!],
  });
const HOUR = 3_600_000;
const PAUSE = 600_000;

describe('the receipt of a step', () => {
  const isHeld = (id: string): boolean =>
    open!.governance.reports.some((one) => one.id === id && one.code === 'receipt_missing');
  const untilHeld = (clock: FakeClock, ids: readonly string[]): Promise<void> =>
    whileTimePasses(
      clock,
      open!.until(() => ids.every(isHeld)),
    );

  it('is waited for before a step of medium risk is handed out, however long that takes', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, ledger } = await start({ clock });
    ledger.unsigned = true;
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', lowThenMedium), watch_ms: 0 });
    await untilHeld(clock, ['chg_1']);
    ledger.away = true;
    // Four questions a second: for longer than the time of a step.
    for (const enough = ledger.asked + 400; ledger.asked < enough;) await clock.advance(1_000);
    expect(fake.applied).toEqual(['chg_1/pip-flask']);
    expect(await api.getRun({ id: 'chg_1' })).toMatchObject({
      state: 'applying',
      code: 'receipt_missing',
      detail: expect.stringContaining('asking for the start of step pip-requests'),
    });
    ledger.away = false;
    ledger.unsigned = false;
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done', code: null });
    expect(fake.applied).toEqual(['chg_1/pip-flask', 'chg_1/pip-requests']);
  });

  const claims: Record<string, (proof: InclusionProofFile) => InclusionProofFile> = {
    'that is not signed': ({ checkpoint, ...rest }) => ({
      ...rest,
      checkpoint: { ...checkpoint, size: 1_000, note: 'no checkpoint' },
    }),
    'whose proof leads elsewhere': (proof) => ({ ...proof, hashes: proof.hashes.slice(1) }),
    'of another text': (proof) => ({
      ...proof,
      body: proof.body.replace('"attempt":1', '"attempt":2'),
    }),
  };
  it.each(Object.entries(claims))('is none %s', async (_, lie) => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, ledger } = await start({ clock });
    ledger.lie = lie;
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', lowThenMedium), watch_ms: 0 });
    await untilHeld(clock, ['chg_1']);
    for (const enough = ledger.asked + 20; ledger.asked < enough;) await clock.advance(1_000);
    expect(fake.applied).toEqual(['chg_1/pip-flask']);
    ledger.lie = (proof) => proof;
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done' });
  });

  it('is none under another key than that of the first one, which is on record', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, ledger, world } = await start({ clock });
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', lowThenMedium), watch_ms: 0 });
    await whileTimePasses(clock, ended());
    fake.installed = { flask: '3.0.0', requests: '2.30.0' };
    fake.applied.length = 0;
    ledger.signer = 'another-ledger';
    await api.startRun({ id: 'chg_2', plan: plan('chg_2', lowThenMedium), watch_ms: 0 });
    await untilHeld(clock, ['chg_2']);
    expect(fake.applied).toEqual(['chg_2/pip-flask']);
    const { detail } = await api.getRun({ id: 'chg_2' });
    expect(detail).toContain('the ledger signed with the key another-ledger');
    expect(world.events.filter(({ type }) => type === 'governance.tripwire.alert')).toMatchObject([
      { source: expect.stringContaining('workflow_engine'), data: { rule: 'T2' } },
    ]);
    ledger.signer = 'fake-ledger';
    expect(await whileTimePasses(clock, ended('chg_2'))).toMatchObject({ state: 'done' });
  });

  it('does not hand a step out that was frozen while its receipt was waited for', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, governance, ledger } = await start({ clock });
    ledger.unsigned = true;
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', lowThenMedium), watch_ms: 0 });
    await untilHeld(clock, ['chg_1']);
    governance.clearance = KILLED;
    ledger.unsigned = false;
    for (const enough = governance.asked + 10; governance.asked < enough;)
      await clock.advance(1_000);
    expect(fake.applied).toEqual(['chg_1/pip-flask']);
    governance.clearance = CLEAR;
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done' });
  });

  it('is not waited for by steps of low risk, nor does one that waits keep them from their place', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, ledger } = await start({ clock });
    ledger.away = true;
    const waiting = ['chg_2', 'chg_3', 'chg_4'];
    const plans = waiting.map((id) => ({ id, plan: plan(id, lowThenMedium), watch_ms: 0 }));
    for (const one of plans) await api.startRun(one);
    await untilHeld(clock, waiting);
    open!.fake.installed = { flask: '3.0.0', requests: '2.30.0' };
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done' });
    expect(isHeld('chg_1')).toBe(false);
  });
});

describe('a freeze', () => {
  it('holds a run before its next step, which says why, and lets it go on afterwards', async () => {
    const clock = createFakeClock();
    const { api, plan, until, ended, fake, governance } = await start({ clock });
    governance.clearance = FROZEN;
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    await until(() => governance.reports.some(({ code }) => code === 'freeze_window'));
    for (const enough = governance.asked + 100; governance.asked < enough;)
      await clock.advance(1_000);
    expect(await api.getRun({ id: 'chg_1' })).toMatchObject({
      state: 'applying',
      detail: 'host:box_linux is frozen by ann',
    });
    expect(fake.applied).toEqual([]);
    governance.clearance = CLEAR;
    expect(await whileTimePasses(clock, ended())).toMatchObject({ state: 'done', code: null });
  });
});

describe('a step that may be retried', () => {
  it('is tried anew, each time under a key of its own, until it succeeds', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake, owner } = await start({ clock });
    fake.knobs.fails['flask@3.1.0'] = 'before';
    const isLast = () => owner.orders.length === 2;
    const applyStep = fake.ops['applyStep']!;
    Object.assign(fake.ops, {
      applyStep(input: never) {
        if (isLast()) delete fake.knobs.fails['flask@3.1.0'];
        return applyStep(input);
      },
    });
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', withRetry(3, 10_000)), watch_ms: 0 });
    const run = await whileTimePasses(clock, ended());
    expect(owner.orders).toEqual([
      'chg_1/pip-flask@1',
      'chg_1/pip-flask#2@1',
      'chg_1/pip-requests@1',
    ]);
    expect(run.steps[0]).toMatchObject({ state: 'succeeded', attempts: 2 });
  });

  it('fails when its attempts are spent, and says how often it was tried', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake } = await start({ clock });
    fake.knobs.fails['flask@3.1.0'] = 'before';
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', withRetry(3, 1_000)), watch_ms: 0 });
    const run = await whileTimePasses(clock, ended());
    expect(run).toMatchObject({ state: 'failed', code: 'step_failed', needs_revert: false });
    expect(run.steps[0]).toMatchObject({ state: 'failed', attempts: 3 });
  });

  it('is not tried again while nobody knows whether it still runs', async () => {
    const clock = createFakeClock();
    const { api, plan, ended, fake } = await start({ clock });
    fake.knobs.hangs.add('flask@3.1.0');
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', withRetry(3, 1_000)), watch_ms: 0 });
    const run = await whileTimePasses(clock, ended());
    expect(run).toMatchObject({ code: 'step_timeout' });
    expect(run.steps[0]).toMatchObject({ attempts: 1 });
  });

  it('is asked for under the same key again when its owner could not be reached', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { api, plan, until, ended, fake, owner, governance } = world;
    const made = plan('chg_1', withRetry(2, 1_000));
    fake.knobs.offline = true;
    await api.startRun({ id: 'chg_1', plan: made, watch_ms: 0 });
    await whileTimePasses(
      clock,
      until(() => governance.reports.some(({ steps }) => steps[0]?.attempts === 2)),
    );
    fake.knobs.offline = false;
    expect((await whileTimePasses(clock, ended())).steps[0]).toMatchObject({ attempts: 2 });
    expect(new Set(owner.orders)).toEqual(new Set(['chg_1/pip-flask@1', 'chg_1/pip-requests@1']));
  });

  it('keeps its count and the time of its next attempt over a restart', async () => {
    const startMs = Date.parse('2026-01-01T00:00:00Z');
    const first = await start({ clock: createFakeClock(startMs) });
    const { fake } = first;
    fake.knobs.fails['flask@3.1.0'] = 'before';
    const request = { id: 'chg_1', plan: first.plan('chg_1', withRetry(2, PAUSE)), watch_ms: 0 };
    await first.api.startRun(request);
    await first.written(({ steps }) => steps[0]?.state === 'failed');
    const { clock, ...second } = await restart(first, startMs + PAUSE - 60_000);
    fake.knobs.fails = {};
    await clock.advance(50_000);
    expect(fake.applied).toEqual([]);
    const run = await whileTimePasses(clock, second.ended());
    expect(run).toMatchObject({ state: 'done', steps: [{ attempts: 2 }, { attempts: 1 }] });
  });

  it('belongs to a plan whose keys are unlike those of its attempts', async () => {
    const { api, plan } = await start();
    const twice = plan('chg_1', ({ steps }) => ({ steps: [steps[0]!, steps[0]!] }));
    expect(await refusal(api.startRun({ id: 'chg_1', plan: twice, watch_ms: 0 }))).toBe(
      'invalid_input',
    );
    const alike = plan('chg_1', (draft) => {
      const { steps } = withRetry(2, 0)(draft);
      return { steps: [steps[0]!, { ...steps[1]!, key: `${steps[0]!.key}#2` }] };
    });
    expect(await refusal(api.startRun({ id: 'chg_1', plan: alike, watch_ms: 0 }))).toBe(
      'invalid_input',
    );
  });
});

describe('steps of the workflow engine itself', () => {
  it('wait for the time that was written down when they began, also over a restart', async () => {
    const startMs = Date.parse('2026-01-01T00:00:00Z');
    const first = await start({ clock: createFakeClock(startMs) });
    const { fake } = first;
    const pause = workflowStep('pause', 'timer', { ms: HOUR });
    const plan = first.plan('chg_1', ({ steps }) => ({ steps: [pause, ...steps] }));
    await first.api.startRun({ id: 'chg_1', plan, watch_ms: 0 });
    await first.written(({ steps }) => steps[0]?.state === 'running');
    expect(first.world.host('workflow_engine').instance.busy?.()).toBe('runs are under way');
    const { clock, ...second } = await restart(first, startMs + HOUR - 60_000);
    await clock.advance(50_000);
    expect(fake.applied).toEqual([]);
    await clock.advance(15_000);
    await second.ended();
    expect(fake.applied).toHaveLength(2);
    expect(second.world.host('workflow_engine').instance.busy?.()).toBe(undefined);
  });

  it('wait for people without a limit of time and without keeping others from their place', async () => {
    const clock = createFakeClock();
    const { api, plan, until, ended, fake, governance } = await start({ clock });
    const ask = workflowStep('ask', 'approval');
    const waiting = ['chg_2', 'chg_3', 'chg_4'];
    for (const id of waiting) {
      const changes = ({ steps }: DraftPlan) => ({ steps: [ask, ...steps] });
      await api.startRun({ id, plan: plan(id, changes), watch_ms: 0 });
    }
    const says = (id: string) => (one: { id: string; code?: string | undefined }) =>
      one.id === id && one.code === 'approval_required';
    await until(() => waiting.every((id) => governance.reports.some(says(id))));
    await clock.advance(60_000);
    await api.startRun({ id: 'chg_1', plan: plan(), watch_ms: 0 });
    await whileTimePasses(clock, ended());
    expect(fake.applied).toEqual(['chg_1/pip-flask', 'chg_1/pip-requests']);
    governance.approved.set('ask', ['ann', 'ben']);
    const run = await whileTimePasses(clock, ended('chg_2'));
    expect(run).toMatchObject({
      state: 'done',
      steps: [{ key: 'ask', outcome: 'approved by ann, ben' }, {}, {}],
    });
  });

  it('do nothing for `none`, and fail for what they do not know', async () => {
    const { api, plan, ended, fake } = await start();
    const steps = [workflowStep('back', 'none'), workflowStep('odd', 'fly')];
    await api.startRun({ id: 'chg_1', plan: plan('chg_1', () => ({ steps })), watch_ms: 0 });
    const run = await ended();
    expect(run).toMatchObject({ state: 'failed', code: 'invalid_input' });
    expect(run.steps).toMatchObject([{ state: 'succeeded' }, { state: 'failed', attempts: 1 }]);
    expect(fake.applied).toEqual([]);
  });
});
