import { modeKeeperApi, type Plan, type StepAction } from '@holdfast/contracts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeCluster } from '../test-support/fake-cluster.ts';
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
const PLANNED = { grad_accum_steps: '8', microbatch_size: '32' };
const setKnob =
  (knob: string, value: string) =>
  ({ metadata, spec }: ReturnType<FakeCluster['trainer']>): void => {
    const template = spec?.['template'] as { metadata: { annotations: Record<string, string> } };
    template.metadata.annotations[`modekeeper/knob.${knob}`] = value;
    metadata.annotations = { ...metadata.annotations, [`modekeeper/knob.${knob}`]: value };
  };

describe('a step', () => {
  it('is carried out once, however often it is asked for at once', async () => {
    const world = await start();
    const action = doOf(await world.plan());
    const answers = await Promise.all(Array.from({ length: 6 }, () => world.apply(action)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 'succeeded' });
    expect(world.cluster.stored).toHaveLength(1);
  });

  it('of one of two stacks is carried out, where both planned for one object', async () => {
    const first = await start();
    const second = await createTuningWorld({ cluster: first.cluster });
    try {
      await second.register();
      const plans = [await first.plan(undefined, 'chg_a'), await second.plan(undefined, 'chg_b')];
      const ends = await Promise.all([
        first.apply(doOf(plans[0]!), { run: 'chg_a' }),
        second.apply(doOf(plans[1]!), { run: 'chg_b' }),
      ]);
      expect(ends.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded']);
      expect(ends.find(({ status }) => status === 'failed')).toMatchObject({ code: 'plan_stale' });
      expect(first.cluster.stored).toHaveLength(1);
    } finally {
      await second.world.close();
    }
  });

  it.each(['planChange', 'verifyPlan', 'sampleSignals', 'observeChange', 'applyStep'] as const)(
    'and what leads to it (%s) is for kernels: no person and no agent may ask, whatever the role',
    async (op) => {
      const world = await start();
      const plan = await world.plan();
      const inputs = {
        planChange: { change: 'c', kind: 'workload.tune', target: plan.target, intent: {} },
        verifyPlan: { plan },
        sampleSignals: { plan },
        observeChange: { plan, undone: false },
        applyStep: {
          run: 'r',
          step: 's',
          target: plan.target,
          action: doOf(plan),
          timeout_ms: 1,
          wait_ms: 0,
          fence: 1,
        },
      };
      for (const { kind, role } of [
        { kind: 'human', role: 'owner' },
        { kind: 'human', role: 'admin' },
        { kind: 'ai', role: 'operator' },
        { kind: 'agent', role: 'agent' },
      ] as const) {
        const as = world.world.client(modeKeeperApi, { id: 'mallory', kind, role });
        const call = as[op] as (input: unknown) => Promise<unknown>;
        expect(await refusal(call(inputs[op]))).toBe('forbidden');
      }
      expect(world.cluster.stored).toEqual([]);
    },
  );

  it('whose answer is lost is found in the cluster, not done again', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.faults.lostAnswers = 1;
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
    expect(world.cluster.stored).toHaveLength(1);
    expect(world.cluster.knobs()).toEqual(PLANNED);
  });

  it('that never reached the cluster is sent again', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.faults.lostPatches = 2;
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
    expect(world.cluster.stored).toHaveLength(1);
  });

  it('survives the end of its process between the patch and its result', async () => {
    const first = await start();
    const plan = await first.plan();
    first.cluster.faults.stuck = true;
    expect(await first.apply(doOf(plan), { wait_ms: 300 })).toMatchObject({ status: 'running' });
    expect(first.cluster.stored).toHaveLength(1);
    const { cluster } = first;
    await first.close({ keep: true });
    cluster.faults.stuck = false;
    cluster.touch(() => undefined);
    open = await createTuningWorld({ cluster, home: first.world.home });
    expect(await open.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
    expect(cluster.stored).toHaveLength(1);
  });

  it('starts nothing by itself after a restart', async () => {
    const first = await start();
    const plan = await first.plan();
    first.cluster.faults.down = true;
    expect(await first.apply(doOf(plan), { wait_ms: 50 })).toMatchObject({ status: 'running' });
    const { cluster } = first;
    await first.close({ keep: true });
    cluster.faults.down = false;
    open = await createTuningWorld({ cluster, home: first.world.home });
    await open.api.observeWorkload({ id: 'trainer' });
    expect(cluster.stored).toEqual([]);
    expect(await open.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
  });

  it('that meets a conflict reads again, and goes on where its fields are as they were', async () => {
    const world = await start();
    const plan = await world.plan();
    let conflicts = 2;
    world.cluster.faults.onPatch = () => {
      if ((conflicts -= 1) >= 0) world.cluster.touch((object) => (object.status = {}));
    };
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
    expect(conflicts).toBeLessThan(0);
    expect(world.cluster.stored).toHaveLength(1);
  });

  it('that meets a conflict over its own fields is stale, and changes nothing', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.faults.onPatch = () => world.cluster.touch(setKnob('grad_accum_steps', '2'));
    expect(await world.apply(doOf(plan))).toMatchObject({
      status: 'failed',
      code: 'plan_stale',
      detail: expect.stringContaining('expected "4", got "2"'),
    });
    expect(world.cluster.stored).toEqual([]);
  });

  it('is stale when the world moved since it was planned, also to where it would have led', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.touch(setKnob('grad_accum_steps', '8'));
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'failed', code: 'plan_stale' });
  });

  it('fails with the words of the server where that says no', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.world.denied.push({ verb: 'patch', resource: 'deployments' });
    expect(await world.apply(doOf(plan))).toMatchObject({
      status: 'failed',
      code: 'step_failed',
      detail: expect.stringContaining('cannot patch'),
    });
  });

  it('is stale where the workload was deleted and made anew, though its fields are the same', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.touch(({ metadata }) => Object.assign(metadata, { uid: 'uid-2' }));
    expect(await world.apply(doOf(plan))).toMatchObject({
      status: 'failed',
      code: 'plan_stale',
      detail: expect.stringContaining('another one has its name'),
    });
    expect((await world.driver.verifyPlan({ plan })).checks).toMatchObject([{ ok: false }]);
    expect(world.cluster.stored).toEqual([]);
  });

  it.each([
    [
      'made anew',
      ({ metadata }: ReturnType<FakeCluster['trainer']>) =>
        void Object.assign(metadata, { uid: 'uid-2' }),
    ],
    [
      'deleted',
      ({ metadata }: ReturnType<FakeCluster['trainer']>) =>
        void Object.assign(metadata, { name: 'gone' }),
    ],
  ])('fails at once when its workload is %s while it rolls out', async (_what, change) => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.faults.stuck = true;
    expect(await world.apply(doOf(plan), { wait_ms: 300 })).toMatchObject({ status: 'running' });
    world.cluster.touch(change);
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'failed', code: 'step_failed' });
    expect(await world.driver.observeChange({ plan, undone: true })).not.toMatchObject({
      status: 'as_planned',
    });
  });

  it('that sets more than knobs is refused, whoever asks for it', async () => {
    const world = await start();
    const action = doOf(await world.plan());
    const patch = { spec: { template: { spec: { serviceAccountName: 'admin' } } } };
    const params = { ...(action.params as object), patch };
    expect(await refusal(world.apply({ ...action, params }))).toBe('invalid_input');
    expect(world.cluster.stored).toEqual([]);
  });

  it('fails when its rollout is not over in its time, and says how far it came', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.faults.stuck = true;
    expect(await world.apply(doOf(plan), { timeout_ms: 200 })).toMatchObject({
      status: 'failed',
      code: 'step_timeout',
      detail: expect.stringContaining('0 available'),
    });
  });

  it('ends only once its workload can be measured again', async () => {
    const world = await start();
    const plan = await world.plan();
    const { log } = world.cluster;
    world.cluster.log = () => [];
    expect(await world.apply(doOf(plan), { wait_ms: 300 })).toMatchObject({ status: 'running' });
    world.cluster.log = log;
    expect(await world.apply(doOf(plan))).toMatchObject({ status: 'succeeded' });
  });

  it('fails when somebody else changes the same knobs while it rolls out', async () => {
    const world = await start();
    const plan = await world.plan();
    world.cluster.faults.stuck = true;
    expect(await world.apply(doOf(plan), { wait_ms: 300 })).toMatchObject({ status: 'running' });
    world.cluster.touch(setKnob('grad_accum_steps', '2'));
    expect(await world.apply(doOf(plan))).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('somebody changed it meanwhile'),
    });
  });

  it('with another action under the same key is refused', async () => {
    const world = await start();
    const plan = await world.plan();
    await world.apply(doOf(plan));
    expect(await refusal(world.apply(plan.steps[0]!.inverse!))).toBe('invalid_input');
    const unknown = { ...doOf(plan), action: 'other' };
    expect(await refusal(world.apply(unknown, { step: 's2' }))).toBe('invalid_input');
  });

  it('of an engine that was overtaken is refused, also after a restart, and starts nothing', async () => {
    const first = await start();
    const plan = await first.plan();
    await first.apply(doOf(plan), { fence: 5 });
    expect(await refusal(first.apply(doOf(plan), { fence: 4 }))).toBe('fenced');
    await first.close({ keep: true });
    open = await createTuningWorld({ cluster: first.cluster, home: first.world.home });
    const late = { fence: 4, step: 's2' };
    expect(await refusal(open.apply(plan.steps[0]!.inverse!, late))).toBe('fenced');
    expect(first.cluster.stored).toHaveLength(1);
  });

  it('is taken from the workflow engine alone', async () => {
    const world = await start();
    const plan = await world.plan();
    const input = {
      run: 'chg_a',
      step: 'knobs',
      target: { workload: 'trainer' },
      action: doOf(plan),
      timeout_ms: 1000,
      wait_ms: 0,
      fence: 1,
    };
    expect(await refusal(world.api.applyStep(input))).toBe('forbidden');
  });
});

describe('steps under repetition, loss and restarts', () => {
  it('change the cluster exactly once each, and lead where their plan says', async () => {
    const event = fc.constantFrom(
      'call',
      'twice',
      'lose answer',
      'lose patch',
      'conflict',
      'restart',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 6 }), async (events) => {
        let world = await createTuningWorld();
        try {
          await world.register();
          const { cluster } = world;
          const plan = await world.plan();
          const call = (wait_ms: number) => world.apply(doOf(plan), { wait_ms });
          for (const next of events) {
            if (next === 'call') await call(5);
            if (next === 'twice') await Promise.all([call(5), call(0)]);
            if (next === 'lose answer') cluster.faults.lostAnswers = 1;
            if (next === 'lose patch') cluster.faults.lostPatches = 1;
            if (next === 'conflict')
              cluster.faults.onPatch = () => {
                cluster.faults.onPatch = undefined;
                cluster.touch((object) => (object.status = {}));
              };
            if (next !== 'restart') continue;
            await world.close({ keep: true });
            world = await createTuningWorld({ cluster, home: world.world.home });
          }
          expect(await call(10_000)).toMatchObject({ status: 'succeeded' });
          expect(await call(0)).toMatchObject({ status: 'succeeded' });
          expect(cluster.stored).toHaveLength(1);
          expect(cluster.knobs()).toEqual(PLANNED);
        } finally {
          await world.close();
        }
      }),
      { numRuns: 12, seed: 8 },
    );
  });
});
