import { classRule, owner, testProfile } from '@holdfast/testkit';
import { EVENT_TYPES, HoldfastError, modeKeeperApi, type Profile } from '@holdfast/contracts';
import { openCluster, type KubeObject } from '@holdfast/kube';
import { actionsOfPlan, buildPlan, CATALOG, type PlanItem } from '@holdfast/tuning';
import { afterEach, describe, expect, it } from 'vitest';
import { carryThroughStack, type StackOrder } from '../../apps/mk/src/stack/carry-through-stack.ts';
import type { StackDoor } from '../../apps/mk/src/stack/open-stack.ts';
import { modeKeeper } from '../../kernels/execution/mode_keeper/kernel.ts';
import {
  startFakeCluster,
  type FakeCluster,
} from '../../kernels/execution/mode_keeper/test-support/fake-cluster.ts';
import { workflowEngine } from '../../kernels/execution/workflow_engine/kernel.ts';
import { governance } from '../../kernels/governance/governance/kernel.ts';
import { ann, bob, createChangeWorld, statesOf, type ChangeWorld } from './support/change-world.ts';

const BEFORE = { grad_accum_steps: '4', microbatch_size: '64' };
const TUNED = { grad_accum_steps: '8', microbatch_size: '32' };
const TARGET = { namespace: 'default', name: 'trainer' };
const retune = (steps: number, micro: number) =>
  buildPlan(
    [
      { knob: 'grad_accum_steps', target: steps, reason: 'drift', chord: 'DRIFT-RETUNE' },
      { knob: 'microbatch_size', target: micro, reason: 'drift', chord: 'DRIFT-RETUNE' },
    ],
    TARGET,
  );
const PLAN = retune(8, 32);

let open: { world: ChangeWorld; clusters: FakeCluster[] } | undefined;
afterEach(async () => {
  await open?.world.world.close();
  for (const cluster of open?.clusters ?? []) await cluster.close();
  open = undefined;
});

const APPROVED: Partial<Profile['gate']> = {
  classes: {
    standard: classRule({ approval_from_risk: 'low' }),
    security: classRule({ approval_from_risk: 'low' }),
    covenant: classRule({ approval_from_risk: 'low' }),
  },
};

/** A stack with a cluster, and the carrier of `mk` in front of it. */
const start = async (gate: Partial<Profile['gate']> = {}) => {
  const cluster = await startFakeCluster(BEFORE);
  const world = await createChangeWorld({
    kernels: [governance, workflowEngine, modeKeeper],
    profile: testProfile({ gate, mode_keeper: { kubeconfig: cluster.kubeconfig } }),
  });
  open = { world, clusters: [cluster] };
  const keeper = world.world.client(modeKeeperApi, owner);
  const read = async (of = cluster): Promise<KubeObject> => {
    const ref = { kind: 'Deployment', ...TARGET };
    const { object } = await openCluster({ KUBECONFIG: of.kubeconfig }).workload(ref);
    return object!;
  };
  const context = (
    await openCluster({ KUBECONFIG: cluster.kubeconfig }).currentContext()
  ).stdout.trim();
  const door = { url: 'here', keeper, governance: world.as(ann) };
  const carry = async (order: Partial<StackOrder> = {}, other: Partial<StackDoor> = {}) =>
    carryThroughStack(
      { ...door, ...other },
      { items: PLAN, before: [await read()], context, ...order },
    );
  return { ...world, cluster, keeper, context, read, carry };
};

describe('a plan of mk that is handed to a stack', () => {
  it('is a change of its own, by whoever called, of a workload that is registered for it', async () => {
    const { carry, api, keeper, cluster, context, published } = await start();
    const { ok, items, changes } = await carry();
    expect({ ok, items }).toMatchObject({ ok: true, items: [{ ok: true, patch_attempted: true }] });
    const change = await api.getChange({ id: changes[0]!.change });
    expect(change).toMatchObject({
      kind: 'workload.tune',
      state: 'done',
      held: false,
      proposed_by: 'ann',
      target: { workload: 'default.trainer' },
    });
    expect(await keeper.getWorkload({ id: 'default.trainer' })).toMatchObject({
      context,
      mode: 'observe',
      approve_advanced: false,
      ref: { kind: 'Deployment', ...TARGET },
    });
    expect(cluster.knobs()).toEqual(TUNED);
    expect(cluster.stored).toHaveLength(1);
    const events = await published(change.id);
    expect(statesOf(events).at(-1)).toBe('done');
    expect(events.map(({ type }) => type)).toContain(EVENT_TYPES.changeReleased);
  });

  it('is taken back by the undo of its change', async () => {
    const { carry, api, cluster } = await start();
    const { changes } = await carry();
    const back = await carry({ undoes: changes.map(({ change }) => change) });
    expect(back.ok).toBe(true);
    expect(cluster.knobs()).toEqual(BEFORE);
    const undone = await api.getChange({ id: changes[0]!.change });
    expect(undone.reverted_by).toBe(back.changes[0]!.change);
  });

  it('goes to the workload that is registered already, under its limits', async () => {
    const { carry, keeper, cluster } = await start();
    const ref = { name: 'trainer' };
    await keeper.registerWorkload({
      id: 'mine',
      ref,
      source: { pod_logs: {} },
      max_delta_per_step: 1,
    });
    const { ok, refusal } = await carry();
    expect([ok, refusal?.reason]).toEqual([false, 'plan_failed']);
    expect(refusal?.detail).toContain('max_delta_exceeded');
    expect((await keeper.listWorkloads({})).items.map(({ id }) => id)).toEqual(['mine']);
    expect(cluster.stored).toEqual([]);
  });

  it('is refused by the kill switch of the stack, and nothing is patched', async () => {
    const { carry, api, cluster } = await start();
    await api.freeze({ reason: 'audit' });
    const { ok, refusal, items, changes } = await carry();
    expect([ok, refusal?.reason]).toEqual([false, 'kill_switch']);
    expect(refusal?.detail).toContain('audit');
    expect(items).toMatchObject([{ ok: false, patch_attempted: false }]);
    expect(changes).toMatchObject([{ state: 'blocked' }]);
    expect(cluster.stored).toEqual([]);
  });

  it('waits in the stack for an approval, and is applied with it', async () => {
    const { carry, approve, untilFinished, cluster } = await start(APPROVED);
    const { refusal, changes } = await carry();
    expect(refusal).toMatchObject({ reason: 'approval_required' });
    expect(cluster.stored).toEqual([]);
    const { change } = changes[0]!;
    await approve(change, bob);
    expect((await untilFinished(change)).state).toBe('done');
    expect(cluster.knobs()).toEqual(TUNED);
  });

  it('is not let go on where the stack would change another cluster than was verified', async () => {
    const { carry, read, api, cluster } = await start();
    const other = await startFakeCluster(BEFORE);
    open!.clusters.push(other);
    other.trainer().metadata = { ...other.trainer().metadata, uid: 'uid-2' } as never;
    const { ok, refusal, changes } = await carry({ before: [await read(other)] });
    expect([ok, refusal?.reason]).toEqual([false, 'plan_stale']);
    expect((await api.getChange({ id: changes[0]!.change })).state).toBe('cancelled');
    expect([cluster.stored, other.stored]).toEqual([[], []]);
  });

  it('is taken back where its session is told to stop before it is let go on', async () => {
    const { carry, api, cluster } = await start();
    const { ok, stopped, refusal, changes } = await carry({ signal: AbortSignal.abort() });
    expect([ok, stopped, refusal]).toEqual([false, true, undefined]);
    expect((await api.getChange({ id: changes[0]!.change })).state).toBe('cancelled');
    expect(cluster.stored).toEqual([]);
  });

  it('is open, and no refusal, where the stack falls silent once it may be applied', async () => {
    const { carry, api, cluster, untilFinished } = await start();
    const silent = async (): Promise<never> => {
      throw new HoldfastError('forbidden', { detail: 'the token was revoked' });
    };
    const governance = {
      ...api,
      applyChange: async (input: { id: string }) => {
        await api.applyChange(input);
        return silent();
      },
    };
    const { open: isOpen, refusal, items, changes } = await carry({}, { governance });
    expect([isOpen, refusal]).toEqual([true, undefined]);
    expect(items[0]?.stderr).toContain('what became of it is not known');
    await untilFinished(changes[0]!.change);
    expect(cluster.knobs()).toEqual(TUNED);
  });

  it('is refused where somebody else holds the workload', async () => {
    const { carry, api, keeper, cluster, untilState } = await start(APPROVED);
    await keeper.registerWorkload({
      id: 'mine',
      ref: { name: 'trainer' },
      source: { pod_logs: {} },
    });
    const held = await api.proposeChange({
      kind: 'workload.tune',
      target: { workload: 'mine' },
      intent: { actions: actionsOfPlan(PLAN[0]!, CATALOG) },
    });
    await untilState(held.id, 'waiting');
    const { refusal } = await carry();
    expect(refusal).toMatchObject({ reason: 'change_conflict' });
    expect(cluster.stored).toEqual([]);
  });

  it('that breaks off counts as failed once a step was begun, with its undo', async () => {
    const { carry, api, cluster } = await start();
    cluster.faults.onPatch = () => {
      cluster.faults.onPatch = undefined;
      cluster.touch((object) => {
        object.spec = { ...object.spec, replicas: 1 };
        const template = object.spec['template'] as { metadata: object };
        template.metadata = { annotations: { 'modekeeper/knob.grad_accum_steps': '2' } };
      });
    };
    const { ok, refusal, changes } = await carry();
    expect([ok, refusal]).toEqual([false, undefined]);
    const change = await api.getChange({ id: changes[0]!.change });
    expect(change.state).not.toBe('done');
    expect(cluster.knobs()['grad_accum_steps']).toBe('2');
  });
});

describe('a plan of mk that no tuning stands for', () => {
  const refusalOf = async (patch: PlanItem['patch']) => {
    const { carry, api, cluster } = await start();
    const { ok, refusal } = await carry({ items: [{ ...PLAN[0]!, patch }] });
    expect(ok).toBe(false);
    expect((await api.listChanges({})).total).toBe(0);
    expect(cluster.stored).toEqual([]);
    return refusal;
  };
  const set = (annotations: Record<string, string | null>) => ({
    metadata: { annotations },
    spec: { template: { metadata: { annotations } } },
  });

  it.each([
    ['more than knobs', { ...PLAN[0]!.patch, spec: { replicas: 3 } }, 'sets more than knobs'],
    ['no knob', set({ other: 'x' }), 'sets no knob'],
    ['the removal of a knob', set({ 'modekeeper/knob.microbatch_size': null }), 'takes'],
    [
      'two values of one knob',
      {
        ...set({ 'modekeeper/knob.microbatch_size': '32' }),
        metadata: { annotations: { 'modekeeper/knob.microbatch_size': '16' } },
      },
      'more than one value',
    ],
  ])('is refused for %s, before anything is proposed', async (_, patch, words) => {
    const refusal = await refusalOf(patch);
    expect(refusal).toMatchObject({
      reason: 'plan_unsupported',
      detail: expect.stringContaining(words),
    });
  });
});
