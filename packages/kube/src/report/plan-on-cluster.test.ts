import type { PlanItem } from '@holdfast/tuning';
import { describe, expect, it } from 'vitest';
import { trainerWorld } from '../test-support/world.mjs';
import type { DoubleObject, World } from '../test-support/world.mjs';
import type { Cluster } from '../cluster.ts';
import { openCluster } from '../open-cluster.ts';
import { apiDouble, kubectlDouble } from '../test-support/doubles.ts';
import { applyPlan } from './apply-plan.ts';
import { verifyPlan } from './verify-plan.ts';

const annotations = { 'modekeeper/knob.grad_accum_steps': '8' };
const itemOf = (over: Partial<PlanItem> = {}): PlanItem => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'default',
  name: 'trainer',
  patch: { metadata: { annotations }, spec: { template: { metadata: { annotations } } } },
  ...over,
});

interface Side {
  readonly cluster: Cluster;
  world(): World;
}

const sides: Record<string, (world: World) => Promise<Side>> = {
  kubectl: async (world) => kubectlDouble(world),
  api: async (world) => {
    const { cluster, double } = await apiDouble(world);
    return { cluster, world: () => double.world };
  },
};

describe.each(Object.keys(sides))('a plan through %s', (side) => {
  const open = (world: World): Promise<Side> => (sides[side] as (typeof sides)[string])(world);
  const verify = async (world: World, items = [itemOf()]) =>
    verifyPlan((await open(world)).cluster, items);

  it('verifies without a change, and names the version that was verified', async () => {
    const world = trainerWorld();
    const opened = await open(world);
    const report = await verifyPlan(opened.cluster, [itemOf()]);
    expect(report).toMatchObject({
      ok: true,
      kubectl_context: 'kind-test',
      objects: [{ namespace: 'default', name: 'trainer', kind: 'Deployment' }],
      checks: { kubectl_present: true, current_context: { ok: true, rc: 0, stderr: '' } },
      diagnostics: {
        server_version: 'v1.31.2',
        auth_can_i_patch_deployments: true,
        auth_can_i_get_deployments: true,
        auth_can_i_patch_deployments_by_namespace: { default: true },
      },
      verify_blocker: null,
      resource_versions: { 'Deployment/default/trainer': '10' },
    });
    expect(report.checks.items).toEqual([
      {
        namespace: 'default',
        name: 'trainer',
        object: { namespace: 'default', name: 'trainer', kind: 'Deployment' },
        namespace_exists: true,
        deployment_exists: true,
        dry_run: { attempted: true, mode: 'server', ok: true, rc: 0, stderr: '' },
        auth_can_i_patch_deployments: true,
        auth_can_i_get_deployments: true,
      },
    ]);
    expect(report).not.toHaveProperty('details');
    expect(opened.world().objects[1]?.metadata.annotations).toEqual({});
  });

  it('stops at the first item that something stands in the way of', async () => {
    const items = [itemOf(), itemOf({ name: 'absent' }), itemOf({ namespace: 'nowhere' })];
    const report = await verify(trainerWorld(), items);
    expect(report.checks.items).toHaveLength(2);
    expect(report.verify_blocker).toMatchObject({
      kind: 'deployment_missing',
      index: 1,
      namespace: 'default',
      name: 'absent',
      detail: expect.stringMatching(/^rc=1; stderr=.*"absent" not found$/) as string,
    });
    expect(report.objects).toHaveLength(3);
    expect(report.diagnostics.auth_can_i_patch_deployments).toBeNull();
    expect(report.diagnostics.auth_can_i_patch_deployments_by_namespace).toEqual({
      default: true,
      nowhere: true,
    });
    const other = await verify(trainerWorld(), [itemOf({ namespace: 'nowhere' })]);
    expect(other.verify_blocker).toMatchObject({ kind: 'namespace_missing', index: 0 });
    expect(other.checks.items[0]?.dry_run).toMatchObject({ attempted: false, mode: null });
  });

  it('takes a denied patch apart, also where the namespace may not be read', async () => {
    const world = trainerWorld();
    world.denied.push({ verb: 'patch', resource: 'deployments' }, { resource: 'namespaces' });
    const report = await verify(world);
    expect(report.ok).toBe(false);
    expect(report.verify_blocker).toMatchObject({ kind: 'rbac_denied', index: 0 });
    expect(report.checks.items[0]).toMatchObject({
      namespace_exists: true,
      deployment_exists: true,
      auth_can_i_patch_deployments: false,
      auth_can_i_get_deployments: true,
    });
    expect(report.details?.rbac).toMatchObject({
      user: 'system:serviceaccount:default:tuner',
      verb: 'patch',
      resource: 'deployments',
      api_group: 'apps',
      namespace: 'default',
      name: 'trainer',
      scope: 'namespaced',
      suggested_rule: { apiGroups: ['apps'], resources: ['deployments'], verbs: ['patch'] },
    });
  });

  it('tells what the server has against a patch', async () => {
    const world = { ...trainerWorld(), refuse_patch: 'frozen for the weekend' };
    const report = await verify(world);
    expect(report.verify_blocker?.kind).toBe('dry_run_failed');
    expect(report.verify_blocker?.detail).toContain('frozen for the weekend');
    expect(report.resource_versions).toEqual({});
  });

  it('applies what was verified, and gives back what was there before', async () => {
    const opened = await open(trainerWorld());
    const { resource_versions: resourceVersions } = await verifyPlan(opened.cluster, [itemOf()]);
    const done = await applyPlan(opened.cluster, [itemOf()], { resourceVersions });
    expect(done.ok).toBe(true);
    expect(done.checks.items).toMatchObject([
      { namespace: 'default', name: 'trainer', ok: true, rc: 0, patch_attempted: true, stderr: '' },
    ]);
    expect(done.checks.items[0]?.stdout).toContain('patched');
    expect(done.before[0]?.metadata).toMatchObject({ resourceVersion: '10', annotations: {} });
    expect(opened.world().objects[1]?.spec).toMatchObject({
      template: { metadata: { labels: { app: 'trainer' }, annotations } },
    });
    const again = await applyPlan(opened.cluster, [itemOf()], { resourceVersions });
    expect(again).toMatchObject({ ok: false, checks: { items: [{ rc: null, ok: false }] } });
    expect(again.checks.items[0]?.stderr).toMatch(/resourceVersion 11, verified was 10/);
  });

  it('says by what each object was verified', async () => {
    const { world_revisions } = await verify(trainerWorld());
    expect(world_revisions).toEqual({
      'Deployment/default/trainer': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

type Touch = (object: DoubleObject) => void;
const annotate: Touch = ({ metadata }) => {
  metadata.annotations = { ...metadata.annotations, 'team.example/owner': 'ann' };
};
const setReplicas: Touch = (object) => {
  object.spec = { ...object.spec, replicas: 7 };
};

describe('a plan whose object was written to after it was verified', () => {
  /** Verifies, writes to the trainer, and writes to it again before each of the first `races` patches. */
  const applyAfter = async (touch: Touch, races: readonly Touch[] = [], refuse?: string) => {
    const { cluster, double } = await apiDouble(trainerWorld());
    const write = (change: Touch): void => {
      const object = double.world.objects[1]!;
      change(object);
      object.metadata.resourceVersion = String(Number(object.metadata.resourceVersion) + 1);
    };
    const verified = await verifyPlan(cluster, [itemOf()]);
    write(touch);
    if (refuse !== undefined) double.world.refuse_patch = refuse;
    const left = [...races];
    const calls: string[] = [];
    const racing: Cluster = {
      ...cluster,
      async patch(ref, body, options) {
        calls.push(`${options.dryRun ? 'dry run' : 'patch'} at ${options.resourceVersion}`);
        const race = options.dryRun ? undefined : left.shift();
        if (race) write(race);
        return cluster.patch(ref, body, options);
      },
    };
    const done = await applyPlan(racing, [itemOf()], {
      resourceVersions: verified.resource_versions,
      worldRevisions: verified.world_revisions,
    });
    const { metadata, spec } = double.world.objects[1]!;
    return { done, item: done.checks.items[0]!, calls, metadata, spec };
  };

  it.each([
    ['its status', (object: DoubleObject) => void (object.status = { readyReplicas: 1 })],
    ['an annotation of others', annotate],
  ])('verifies again and applies where that was %s', async (_what, touch) => {
    const { done, item, calls } = await applyAfter(touch);
    expect(done.ok).toBe(true);
    expect(item).toMatchObject({ ok: true, resource_version: '11', verified_again: true });
    expect(calls).toEqual(['dry run at 11', 'patch at 11']);
  });

  it.each([
    ['its replicas', setReplicas],
    ['its knobs', ({ metadata }: DoubleObject) => void (metadata.annotations = annotations)],
    [
      'the object itself',
      ({ metadata }: DoubleObject) => void Object.assign(metadata, { uid: 'x' }),
    ],
  ])('is a conflict, and asks the server for nothing, where that was %s', async (_what, touch) => {
    const { item, calls } = await applyAfter(touch);
    expect(item).toMatchObject({ ok: false, patch_attempted: false, verified_again: false });
    expect(item.stderr).toMatch(/resourceVersion 11, verified was 10/);
    expect(calls).toEqual([]);
  });

  it('applies nothing where the server says no the second time', async () => {
    const { item, calls } = await applyAfter(annotate, [], 'frozen');
    expect(item).toMatchObject({ ok: false, patch_attempted: false, verified_again: true });
    expect(item.stderr).toContain('frozen');
    expect(calls).toEqual(['dry run at 11']);
  });

  it('goes again where somebody was quicker than its patch, as long as it is the same world', async () => {
    const same = await applyAfter(annotate, [annotate]);
    expect(same.item).toMatchObject({ ok: true, resource_version: '12', verified_again: true });
    const other = await applyAfter(annotate, [setReplicas]);
    expect(other.item).toMatchObject({ ok: false, patch_attempted: false });
    expect(other.spec).toMatchObject({ replicas: 7 });
    expect(JSON.stringify(other.spec)).not.toContain('modekeeper');
  });

  it('gives up on an object that never comes to rest', async () => {
    const { item, calls } = await applyAfter(
      annotate,
      Array.from({ length: 9 }, () => annotate),
    );
    expect(item.ok).toBe(false);
    expect(item.stderr).toContain('has been modified');
    expect(calls.filter((call) => call.startsWith('patch'))).toHaveLength(5);
  });
});

const viaApi = sides.api as (world: World) => Promise<Side>;
const verifyViaApi = async (world: World, items: PlanItem[]) =>
  verifyPlan((await viaApi(world)).cluster, items);

describe('a plan, whichever way the cluster is asked', () => {
  it('is fine with no items', async () => {
    const report = await verifyViaApi(trainerWorld(), []);
    expect(report).toMatchObject({ ok: true, verify_blocker: null, checks: { items: [] } });
    expect(report.diagnostics.auth_can_i_patch_deployments).toBeNull();
  });

  it('stops applying at the first failure', async () => {
    const { cluster, world } = await viaApi(trainerWorld());
    const items = [itemOf({ name: 'absent' }), itemOf()];
    const done = await applyPlan(cluster, items);
    expect(done.ok).toBe(false);
    expect(done.checks.items.map(({ ok, patch_attempted }) => [ok, patch_attempted])).toEqual([
      [false, true],
      [false, false],
    ]);
    expect(world().objects[1]?.metadata.resourceVersion).toBe('10');
  });

  it('reports the rule that a denied apply needs', async () => {
    const world = trainerWorld();
    world.denied.push({ verb: 'patch' });
    const done = await applyPlan((await viaApi(world)).cluster, [itemOf()]);
    expect(done.details?.rbac.suggested_rule.verbs).toEqual(['patch']);
  });

  it('reaches every pod template of a training job', async () => {
    const world = trainerWorld();
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c' }] } };
    const metadata = { name: 'run', namespace: 'default', resourceVersion: '5' };
    const replicas = { Master: { replicas: 1, template }, Worker: { replicas: 4, template } };
    world.objects.push({
      ...{ apiVersion: 'kubeflow.org/v1', kind: 'PyTorchJob', metadata },
      spec: { pytorchReplicaSpecs: replicas },
    });
    const groups = [
      { groupName: 'a', replicas: 2, template },
      { groupName: 'b', template },
    ];
    world.objects.push({
      ...{ apiVersion: 'ray.io/v1', kind: 'RayCluster', metadata },
      spec: { headGroupSpec: { template }, workerGroupSpecs: groups },
    });
    const opened = await viaApi(world);
    const items = ['PyTorchJob', 'RayCluster'].map((kind) => itemOf({ kind, name: 'run' }));
    const report = await verifyPlan(opened.cluster, items);
    expect(report.verify_blocker).toBeNull();
    const { resource_versions: resourceVersions } = report;
    expect(await applyPlan(opened.cluster, items, { resourceVersions })).toMatchObject({
      ok: true,
    });
    const tuned = { ...template, metadata: { ...template.metadata, annotations } };
    const [pytorch, ray] = opened.world().objects.slice(-2);
    expect(pytorch?.spec).toEqual({
      pytorchReplicaSpecs: {
        Master: { replicas: 1, template: tuned },
        Worker: { replicas: 4, template: tuned },
      },
    });
    expect(ray?.spec).toEqual({
      headGroupSpec: { template: tuned },
      workerGroupSpecs: groups.map((group) => ({ ...group, template: tuned })),
    });
  });

  it('says that a job takes another template only while it is suspended', async () => {
    const world = trainerWorld();
    const job = (name: string, suspend: boolean) => ({
      ...{ apiVersion: 'batch/v1', kind: 'Job' },
      metadata: { name, namespace: 'default', resourceVersion: '5' },
      spec: { suspend, template: { metadata: {}, spec: { containers: [] } } },
    });
    world.objects.push(job('waiting', true), job('running', false));
    const waiting = itemOf({ kind: 'Job', name: 'waiting' });
    expect(await verifyViaApi(world, [waiting])).toMatchObject({ ok: true });
    const running = await verifyViaApi(world, [itemOf({ kind: 'Job', name: 'running' })]);
    expect(running.verify_blocker).toMatchObject({ kind: 'dry_run_failed' });
    expect(running.verify_blocker?.detail).toContain('only while it is suspended');
  });
});

describe('a plan without a cluster', () => {
  it('is blocked by a missing kubectl', async () => {
    const report = await verifyPlan(openCluster({}), [itemOf(), itemOf()]);
    expect(report).toMatchObject({
      ok: false,
      kubectl_context: null,
      checks: { kubectl_present: false, current_context: { ok: false, rc: 127 } },
      diagnostics: {
        kubectl_version: null,
        server_version: null,
        auth_can_i_patch_deployments: null,
      },
      verify_blocker: { kind: 'kubectl_missing', index: null },
    });
    expect(report.checks.items).toHaveLength(1);
    expect(await verifyPlan(openCluster({}), [])).toMatchObject({ ok: false });
  });

  it('is neither there nor missing where the server cannot be reached', async () => {
    const { cluster, double } = await apiDouble(trainerWorld());
    await double.close();
    const report = await verifyPlan(cluster, [itemOf()]);
    expect(report.verify_blocker).toMatchObject({ kind: 'unknown', index: 0 });
  });

  it('names an object of a plan of another tool a deployment, and an unknown kind missing', async () => {
    const { kind: _none, ...bare } = itemOf();
    const { cluster } = await apiDouble(trainerWorld());
    expect(await verifyPlan(cluster, [bare as PlanItem])).toMatchObject({ ok: true });
    const other = await verifyPlan(cluster, [itemOf({ kind: 'CronTab' })]);
    expect(other.verify_blocker).toMatchObject({ kind: 'deployment_missing' });
  });
});
