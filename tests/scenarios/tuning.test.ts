import { EVENT_TYPES, kernelPrincipal, modeKeeperApi, type Profile } from '@holdfast/contracts';
import { classRule, owner, testProfile } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { modeKeeper } from '../../kernels/execution/mode_keeper/kernel.ts';
import {
  driftingLog,
  startFakeCluster,
  steadyLog,
  type FakeCluster,
} from '../../kernels/execution/mode_keeper/test-support/fake-cluster.ts';
import { workflowEngine } from '../../kernels/execution/workflow_engine/kernel.ts';
import { governance } from '../../kernels/governance/governance/kernel.ts';
import { ann, bob, createChangeWorld, statesOf, type ChangeWorld } from './support/change-world.ts';

const ID = 'trainer';
const TARGET = { workload: ID };
const BEFORE = { grad_accum_steps: '4', microbatch_size: '64' };
const TUNED = { grad_accum_steps: '8', microbatch_size: '32' };
const INTENT = { knobs: { grad_accum_steps: 8, microbatch_size: 32 } };

let open: { world: ChangeWorld; cluster: FakeCluster } | undefined;
afterEach(async () => {
  await open?.world.world.close();
  await open?.cluster.close();
  open = undefined;
});

const standard = (approval_from_risk: 'low' | 'high'): Partial<Profile['gate']> => ({
  classes: {
    standard: classRule({ approval_from_risk }),
    security: classRule({ approval_from_risk }),
    covenant: classRule({ approval_from_risk }),
  },
});

/** Governance, the workflow engine and the mode keeper in one world, over a cluster behind HTTP. */
const start = async (gate: Partial<Profile['gate']> = {}, mode_keeper = {}) => {
  const cluster = await startFakeCluster(BEFORE);
  const { kubeconfig } = cluster;
  const world = await createChangeWorld({
    kernels: [governance, workflowEngine, modeKeeper],
    profile: testProfile({ gate, mode_keeper: { kubeconfig, ...mode_keeper } }),
  });
  open = { world, cluster };
  const keeper = world.world.client(modeKeeperApi, owner);
  const spec = { id: ID, ref: { name: 'trainer' }, source: { pod_logs: {} } };
  await keeper.registerWorkload(spec);
  return {
    ...world,
    cluster,
    keeper,
    tune: (intent: Record<string, unknown> = INTENT) =>
      world.api.proposeChange({ kind: 'workload.tune', target: TARGET, intent }),
    proposing: () => keeper.registerWorkload({ ...spec, mode: 'propose' }),
  };
};

describe('the tuning of a workload', () => {
  it('goes through plan, dry run, gate, patch and watch, and is in the events', async () => {
    const { tune, untilFinished, published, cluster } = await start();
    const change = await untilFinished((await tune()).id);
    expect(change).toMatchObject({ state: 'done', risk: 'low', target: TARGET });
    expect(change.observation).toMatchObject({ status: 'as_planned' });
    expect(cluster.knobs()).toEqual(TUNED);
    expect([cluster.stored.length, cluster.dryRuns > 0]).toEqual([1, true]);
    expect(cluster.trainer().metadata.annotations).toMatchObject({
      'modekeeper/step': `${change.id}/knobs`,
    });
    const events = await published(change.id);
    expect(statesOf(events).at(-1)).toBe('done');
    expect(events.map(({ type }) => type)).toContain(EVENT_TYPES.stepFinished);
  });

  it('is undone to the values of before by the undo of its change', async () => {
    const { api, tune, untilFinished, cluster } = await start();
    const { id } = await untilFinished((await tune()).id);
    const undo = await untilFinished((await api.revertChange({ id })).id);
    expect(undo.state).toBe('done');
    expect(cluster.knobs()).toEqual(BEFORE);
    expect((await api.getChange({ id })).reverted_by).toBe(undo.id);
  });

  it('is undone by itself when the workload gets slower after it', async () => {
    const { tune, until, untilFinished, cluster } = await start();
    cluster.log = (knobs) => steadyLog(knobs['grad_accum_steps'] === '8' ? 200 : 100);
    const { id } = await tune();
    const change = await until(
      id,
      ({ reverted_by, state }) => reverted_by !== null || state === 'done',
    );
    expect(change.reasons.map(({ detail }) => detail).join()).toContain('step_time_ms went from');
    await untilFinished(change.reverted_by!);
    await until(id, ({ state }) => state === 'reverted');
    expect(cluster.knobs()).toEqual(BEFORE);
  });

  it('is undone by itself when its rollout does not end', async () => {
    const { tune, until, cluster } = await start({}, { step_timeout_s: 1 });
    cluster.faults.stuck = true;
    cluster.faults.onPatch = () => {
      // New pods fail with the tuned values alone.
      cluster.faults.stuck = cluster.knobs()['grad_accum_steps'] === '4';
    };
    const { id } = await tune();
    await until(id, ({ state }) => state === 'reverted');
    expect(cluster.knobs()).toEqual(BEFORE);
    expect(cluster.stored).toHaveLength(2);
  });

  it('is blocked where a limit of the engine is in the way, and changes nothing', async () => {
    const { tune, untilFinished, cluster } = await start();
    const change = await untilFinished((await tune({ knobs: { grad_accum_steps: 8 } })).id);
    expect(change).toMatchObject({ state: 'failed', plan: null });
    expect(change.reasons[0]?.detail).toContain('invariant_violated');
    expect(cluster.stored).toEqual([]);
  });

  it('waits for an approval where its profile asks for one, and is applied with it', async () => {
    const { tune, untilState, untilFinished, approve, cluster } = await start(standard('low'));
    const { id } = await tune();
    await untilState(id, 'waiting');
    expect(cluster.stored).toEqual([]);
    await approve(id, bob);
    expect((await untilFinished(id)).state).toBe('done');
    expect(cluster.knobs()).toEqual(TUNED);
  });

  it('is blocked as stale when the workload moved while it waited, and not by words about its status', async () => {
    const { tune, untilState, untilFinished, approve, cluster } = await start(standard('low'));
    const first = await tune();
    await untilState(first.id, 'waiting');
    cluster.touch((object) => (object.spec = { ...object.spec, replicas: 1, paused: false }));
    await approve(first.id, bob);
    expect(await untilFinished(first.id)).toMatchObject({
      state: 'blocked',
      reasons: [{ code: 'plan_stale' }],
    });
    expect(cluster.stored).toEqual([]);
    const second = await tune();
    await untilState(second.id, 'waiting');
    cluster.touch(() => undefined);
    await approve(second.id, bob);
    expect((await untilFinished(second.id)).state).toBe('done');
    expect(cluster.knobs()).toEqual(TUNED);
  });

  it('is blocked by the kill switch: nothing is asked of the cluster for it', async () => {
    const { api, tune, cluster } = await start();
    await api.freeze({ reason: 'audit' });
    expect(await tune()).toMatchObject({ state: 'blocked', gate: { first: 'kill_switch' } });
    expect([cluster.stored, cluster.dryRuns]).toEqual([[], 0]);
  });

  it('that was approved starts no patch once the kill switch is on', async () => {
    const { api, as, tune, untilState, untilFinished, approve, cluster } = await start(
      standard('low'),
    );
    const { id } = await tune();
    await untilState(id, 'waiting');
    await as(ann).freeze({ reason: 'stop' });
    await approve(id, bob).catch(() => undefined);
    expect((await untilFinished(id)).state).not.toBe('done');
    expect((await api.getChange({ id })).state).toBe('blocked');
    expect(cluster.stored).toEqual([]);
  });
});

describe('a workload in mode propose', () => {
  it('that drifts is tuned by a change in the name of the kernel', async () => {
    const { keeper, proposing, untilFinished, cluster, api } = await start();
    cluster.log = (knobs) => (knobs['grad_accum_steps'] === '8' ? steadyLog() : driftingLog());
    await proposing();
    await keeper.observeWorkload({ id: ID });
    const { items } = await api.listChanges({ kind: 'workload.tune' });
    expect(items).toHaveLength(1);
    const change = await untilFinished(items[0]!.id);
    expect(change).toMatchObject({
      state: 'done',
      proposed_by: kernelPrincipal('mode_keeper').id,
    });
    expect(cluster.knobs()).toEqual(TUNED);
    const seen = await keeper.observeWorkload({ id: ID });
    expect(seen).toMatchObject({ signals: { drift: false }, change: null });
  });

  it('whose tuning was taken back is not tuned the same way again, and a simulation changes nothing', async () => {
    const { keeper, proposing, untilFinished, cluster, api } = await start();
    cluster.log = (knobs) => (knobs['grad_accum_steps'] === '8' ? steadyLog() : driftingLog());
    await proposing();
    const { change } = await keeper.observeWorkload({ id: ID });
    const made = change ?? (await api.listChanges({ kind: 'workload.tune' })).items[0]!.id;
    await untilFinished(made);
    await untilFinished((await api.revertChange({ id: made })).id);
    // The cool-down of the chord, which the undo restarts, is over.
    cluster.touch(({ metadata }) => {
      for (const key of Object.keys(metadata.annotations ?? {}))
        if (key.includes('/applied')) delete metadata.annotations![key];
    });
    await api.simulateChange({ kind: 'workload.tune', target: TARGET, intent: INTENT });
    expect(await keeper.getWorkload({ id: ID })).toMatchObject({ change: made });
    const seen = await keeper.observeWorkload({ id: ID });
    expect(seen).toMatchObject({ signals: { drift: true }, change: null });
    expect(seen.note).toContain('is reverted: it is proposed again after an hour');
    expect((await api.listChanges({ kind: 'workload.tune' })).total).toBe(1);
    expect(cluster.knobs()).toEqual(BEFORE);
  });

  it('whose change the kill switch blocks is not proposed for over and over', async () => {
    const { keeper, proposing, cluster, api } = await start();
    cluster.log = driftingLog;
    await api.freeze({ reason: 'stop' });
    await proposing();
    await keeper.observeWorkload({ id: ID });
    const seen = await keeper.observeWorkload({ id: ID });
    expect(seen.note).toContain('is blocked');
    expect((await api.listChanges({ kind: 'workload.tune' })).total).toBe(1);
    expect(cluster.stored).toEqual([]);
  });
});
