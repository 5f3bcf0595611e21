import { invertPlan, makePlan } from '@holdfast/change';
import type { Plan, StepAction } from '@holdfast/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { steadyLog } from '../test-support/fake-cluster.ts';
import { createTuningWorld, refusal, type TuningWorld } from '../test-support/tuning-world.ts';

let open: TuningWorld | undefined;
const start = async (...options: Parameters<typeof createTuningWorld>): Promise<TuningWorld> => {
  open = await createTuningWorld(...options);
  await open.register();
  return open;
};
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const doOf = (plan: Plan): StepAction => plan.steps[0]!.do;
const inverseOf = (plan: Plan): StepAction => plan.steps[0]!.inverse!;
const annotationsOf = ({ cluster }: TuningWorld) => cluster.trainer().metadata.annotations ?? {};

describe('the plan of a tuning', () => {
  it('is one step that sets the knobs and can be set back, of low risk facts', async () => {
    const world = await start();
    const plan = await world.plan();
    expect(plan).toMatchObject({
      target: { workload: 'trainer' },
      timeout_ms: 60_000,
      signals: [{ name: 'step_time_ms' }, { name: 'throughput' }],
      steps: [
        {
          key: 'knobs',
          summary: expect.stringContaining('grad_accum_steps to 8 (now 4)'),
          effect: { movement: 'configure', toward_baseline: false, targets: 1, major: false },
          do: {
            driver: 'mode_keeper',
            action: 'knobs.set',
            params: {
              ref: { kind: 'Deployment', namespace: 'default', name: 'trainer' },
              context: null,
              patch: {
                metadata: { annotations: { 'modekeeper/knob.grad_accum_steps': '8' } },
                spec: {
                  template: {
                    metadata: { annotations: { 'modekeeper/knob.microbatch_size': '32' } },
                  },
                },
              },
              expects: {
                metadata: { annotations: { 'modekeeper/knob.grad_accum_steps': '4' } },
              },
            },
          },
        },
      ],
    });
    expect(JSON.stringify(plan)).not.toContain('resourceVersion');
  });

  it.each([
    ['a global batch that would change', { knobs: { grad_accum_steps: 8 } }, 'invariant_violated'],
    ['a value out of range', { knobs: { concurrency: 500 } }, 'out_of_range'],
    ['a knob that nobody knows', { knobs: { learning_rate: 1 } }, 'unknown_chord'],
    ['a knob that needs an approval', { knobs: { timeout_ms: 15_000 } }, 'approval_required'],
    [
      'a chord that is none',
      { actions: [{ knob: 'concurrency', target: 4, chord: 'MADE-UP' }] },
      'unknown_chord',
    ],
    ['no knob at all', { actions: [] }, 'the intent is'],
  ])('is refused for %s, with the reason', async (_what, intent, words) => {
    const { plan } = await start();
    await expect(plan(intent)).rejects.toMatchObject({
      code: 'plan_failed',
      message: expect.stringContaining(words),
    });
  });

  it('keeps the limits that the workload was registered with', async () => {
    const world = await start();
    await world.register({ max_delta_per_step: 2 });
    await expect(world.plan()).rejects.toThrow('max_delta_exceeded');
    await world.register({ approve_advanced: true });
    expect((await world.plan({ knobs: { timeout_ms: 15_000 } })).steps).toHaveLength(1);
    const guard = { knob: 'timeout_ms', target: 20_000, chord: 'NEAR-HANG/TIMEOUT-GUARD' };
    await expect(world.plan({ actions: [guard] })).rejects.toThrow('budget_exhausted');
    world.cluster.log = () =>
      steadyLog().map((line, index) =>
        JSON.stringify({ ...(JSON.parse(line) as object), step: Math.min(index, 20) }),
      );
    expect((await world.plan({ actions: [guard] })).steps).toHaveLength(1);
  });

  it('is refused where no new pods would come by themselves', async () => {
    const { cluster, plan } = await start();
    cluster.touch((object) => (object.spec = { ...object.spec, paused: true }));
    await expect(plan()).rejects.toMatchObject({
      code: 'plan_failed',
      message: expect.stringContaining('its rollouts are paused'),
    });
  });

  it('has no step where the workload has the values already', async () => {
    const world = await start();
    const { steps } = await world.plan({ knobs: { grad_accum_steps: 4, microbatch_size: 64 } });
    expect(steps).toEqual([]);
  });

  it('is refused for a workload that is not registered, missing, or behind a cluster that is away', async () => {
    const world = await start();
    const other = { change: 'c', kind: 'workload.tune', target: { workload: 'other' }, intent: {} };
    expect(await refusal(world.driver.planChange(other))).toBe('workload_not_found');
    await world.register({ ref: { name: 'absent' } });
    expect(await refusal(world.plan())).toBe('plan_failed');
    world.cluster.faults.down = true;
    expect(await refusal(world.plan())).toBe('cluster_unavailable');
  });

  it('watches only what its source can measure', async () => {
    const world = await start();
    world.cluster.log = () => [];
    expect((await world.plan()).signals).toBeUndefined();
  });
});

describe('the dry run of a tuning', () => {
  it('is the one of the server, and changes nothing', async () => {
    const { cluster, driver, plan } = await start();
    const planned = await plan();
    const before = structuredClone(cluster.trainer());
    const report = await driver.verifyPlan({ plan: planned });
    expect(report).toMatchObject({ ok: true, world_revision: planned.base.revision });
    expect(cluster.dryRuns).toBe(1);
    expect(cluster.trainer()).toEqual(before);
  });

  it('fails where the server or its admission says no, with its words', async () => {
    const { cluster, driver, plan } = await start();
    const planned = await plan();
    cluster.world.refuse_patch = 'frozen namespace';
    expect(await driver.verifyPlan({ plan: planned })).toMatchObject({
      ok: false,
      checks: [{ ok: false, detail: expect.stringContaining('frozen namespace') }],
    });
    delete cluster.world.refuse_patch;
    cluster.world.denied.push({ verb: 'patch', resource: 'deployments' });
    expect((await driver.verifyPlan({ plan: planned })).ok).toBe(false);
  });

  it('sees the same world through changes of status and annotations of others, and another one through the knobs', async () => {
    const { cluster, driver, plan } = await start();
    const planned = await plan();
    cluster.touch((object) => (object.status = { note: 'heartbeat' }));
    cluster.touch(({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'team.example/owner': 'ann' };
      Object.assign(metadata, { generation: 9 });
    });
    const same = await driver.verifyPlan({ plan: planned });
    expect(same.world_revision).toBe(planned.base.revision);
    cluster.touch(({ metadata }) => {
      metadata.annotations = { 'modekeeper/knob.grad_accum_steps': '2' };
    });
    const moved = await driver.verifyPlan({ plan: planned });
    expect(moved.world_revision).not.toBe(planned.base.revision);
    expect(moved.ok).toBe(false);
  });
});

describe('a tuning that was applied', () => {
  it('is seen as planned once it is rolled out, and is marked with its step', async () => {
    const world = await start();
    const plan = await world.plan();
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
    expect(world.cluster.knobs()).toEqual({ grad_accum_steps: '8', microbatch_size: '32' });
    expect(annotationsOf(world)).toMatchObject({
      'modekeeper/step': 'chg_a/knobs',
      'modekeeper/applied.DRIFT-RETUNE': expect.stringMatching(/^\d{4}-/),
    });
    expect(await world.driver.observeChange({ plan, undone: false })).toMatchObject({
      status: 'as_planned',
    });
    expect(await world.driver.observeChange({ plan, undone: true })).toMatchObject({
      status: 'different',
      differences: expect.arrayContaining([expect.stringContaining('expected "4", got "8"')]),
    });
    await expect(
      world.plan({ knobs: { grad_accum_steps: 4, microbatch_size: 64 } }),
    ).rejects.toThrow('cooldown_active');
  });

  it('is different as long as its pods are not available, and unknown while nobody can look', async () => {
    const world = await start();
    const plan = await world.plan();
    await world.apply(doOf(plan));
    world.cluster.touch((object) => (object.spec = { ...object.spec, replicas: 1 }));
    world.cluster.trainer().status = { observedGeneration: 99, updatedReplicas: 1, replicas: 1 };
    expect(await world.driver.observeChange({ plan, undone: false })).toMatchObject({
      status: 'different',
      differences: [expect.stringContaining('rollout')],
    });
    world.cluster.faults.down = true;
    expect(await world.driver.observeChange({ plan, undone: false })).toMatchObject({
      status: 'unknown',
    });
  });

  it('is taken back by its inverse: values of before return, and what was not there is removed', async () => {
    const world = await start({ knobs: { concurrency: '8' } });
    const before = world.cluster.knobs();
    const plan = await world.plan({ knobs: { concurrency: 4, dataloader_prefetch_factor: 2 } });
    await world.apply(doOf(plan));
    expect(world.cluster.knobs()).toEqual({ concurrency: '4', dataloader_prefetch_factor: '2' });
    const progress = { attempts: 1, outcome: '', started_at: null, finished_at: null };
    const seen = await world.driver.observeChange({ plan, undone: false });
    const base = { revision: seen.world_revision, observed_at: seen.observed_at };
    const steps = [{ key: 'knobs', state: 'succeeded' as const, ...progress }];
    const undo = makePlan(invertPlan(plan, steps, base), {
      change: 'chg_b',
      kind: 'revert',
      owner: 'mode_keeper',
      created_at: plan.created_at,
    });
    expect(await world.driver.verifyPlan({ plan: undo })).toMatchObject({
      ok: true,
      world_revision: undo.base.revision,
    });
    expect(await world.apply(doOf(undo), { run: 'chg_b' })).toMatchObject({ status: 'succeeded' });
    expect(world.cluster.knobs()).toEqual(before);
    expect(Object.keys(annotationsOf(world)).filter((key) => key.includes('/knob.'))).toEqual([
      'modekeeper/knob.concurrency',
    ]);
    expect(await world.driver.observeChange({ plan, undone: true })).toMatchObject({
      status: 'as_planned',
    });
  });

  it('needs no taking back where that was done already', async () => {
    const world = await start();
    const plan = await world.plan();
    expect(await world.apply(inverseOf(plan), { run: 'chg_b' })).toMatchObject({
      status: 'succeeded',
      detail: expect.stringContaining('already'),
    });
    expect(world.cluster.stored).toEqual([]);
  });
});

describe('the signals of a tuning', () => {
  it('are measured from what came after the patch, and null where nothing did', async () => {
    const world = await start();
    const plan = await world.plan();
    expect((await world.driver.sampleSignals({ plan })).values).toEqual({
      step_time_ms: 100,
      throughput: 640,
    });
    await world.apply(doOf(plan));
    const old = Date.now() - 3_600_000;
    world.cluster.log = () => [`{"ts":${old},"step_time_ms":1}`];
    expect((await world.driver.sampleSignals({ plan })).values).toEqual({
      step_time_ms: null,
      throughput: null,
    });
  });
});
