import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TunedRef } from '@holdfast/contracts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import { until } from '../harness/until.ts';
import { CLUSTER_LIMIT_MS, missingCluster, skipNote } from './support/cluster.ts';
import { makeNamespace, MERGE_PATCH } from './support/objects.ts';
import {
  DRIFTED,
  GRAD,
  startTuningStack,
  TUNED,
  type TuningStack,
} from './support/tuning-stack.ts';
import { makeTrainingKinds } from './support/training-kinds.ts';

/** Where there is no API server, or no kernel in the build, the title says `SKIPPED: <why>`. */
const missing = missingCluster();
const note = skipNote(missing) || unlessShipped(['mode_keeper']);
const SECRET = 'a-password-in-the-environment';

type Json = Record<string, unknown>;

/** A pod template with something in it that is none of a tuning's business. */
const template = (labels: Json) => ({
  metadata: { labels, annotations: { ...DRIFTED, 'team.example/kept': 'yes' } },
  spec: {
    containers: [{ name: 'trainer', image: 'trainer:1', env: [{ name: 'TOKEN', value: SECRET }] }],
  },
});
const LABELS = { app: 'trainer' };

interface KindUnderTest {
  readonly kind: TunedRef['kind'];
  readonly api: string;
  readonly plural: string;
  readonly resource: string;
  readonly spec: Json;
  /** Where its pod templates lie. */
  readonly templates: readonly (readonly string[])[];
  /** A change of its replicas by somebody else. */
  readonly scaled: Json;
  /** Its pods and their rollout are looked after by a controller here. */
  readonly hasController?: true;
}

const REPLICA = { replicas: 1, template: template(LABELS) };
const GROUP = (groupName: string) => ({ groupName, replicas: 1, template: template(LABELS) });
const KINDS: readonly KindUnderTest[] = [
  {
    kind: 'StatefulSet',
    api: 'apps/v1',
    plural: 'statefulsets',
    resource: 'statefulsets.apps',
    spec: {
      replicas: 2,
      serviceName: 'trainer',
      selector: { matchLabels: LABELS },
      template: template(LABELS),
    },
    templates: [['template']],
    scaled: { replicas: 3 },
    hasController: true,
  },
  {
    kind: 'Job',
    api: 'batch/v1',
    plural: 'jobs',
    resource: 'jobs.batch',
    spec: {
      suspend: true,
      parallelism: 2,
      template: {
        ...template(LABELS),
        spec: { ...template(LABELS).spec, restartPolicy: 'Never' },
      },
    },
    templates: [['template']],
    scaled: { parallelism: 3 },
  },
  {
    kind: 'PyTorchJob',
    api: 'kubeflow.org/v1',
    plural: 'pytorchjobs',
    resource: 'pytorchjobs.kubeflow.org',
    spec: { pytorchReplicaSpecs: { Master: REPLICA, Worker: REPLICA } },
    templates: [
      ['pytorchReplicaSpecs', 'Master', 'template'],
      ['pytorchReplicaSpecs', 'Worker', 'template'],
    ],
    scaled: { pytorchReplicaSpecs: { Worker: { replicas: 2 } } },
  },
  {
    kind: 'RayCluster',
    api: 'ray.io/v1',
    plural: 'rayclusters',
    resource: 'rayclusters.ray.io',
    spec: {
      headGroupSpec: { template: template(LABELS) },
      workerGroupSpecs: [GROUP('a'), GROUP('b')],
    },
    templates: [
      ['headGroupSpec', 'template'],
      ['workerGroupSpecs', '0', 'template'],
      ['workerGroupSpecs', '1', 'template'],
    ],
    scaled: { workerGroupSpecs: [{ ...GROUP('a'), replicas: 2 }, GROUP('b')] },
  },
];

interface Found {
  readonly metadata: { readonly annotations?: Json; readonly generation: number };
  readonly spec: Json;
  readonly status?: Json;
}

const at = (root: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Json)[key], root);

describe.skipIf(note !== '')(`other kinds of workloads on a real API server${note}`, () => {
  let world: TuningStack;

  beforeAll(async () => {
    world = await startTuningStack();
    await makeTrainingKinds(world.cluster);
  }, CLUSTER_LIMIT_MS);
  afterAll(() => world?.stop());

  const listOf = ({ api, plural }: KindUnderTest, namespace: string) =>
    `/apis/${api}/namespaces/${namespace}/${plural}`;
  const read = async (of: KindUnderTest, namespace: string): Promise<Found> =>
    (await world.cluster.call<Found>('admin', 'GET', `${listOf(of, namespace)}/trainer`)).body;
  const patch = async (of: KindUnderTest, namespace: string, body: unknown): Promise<void> => {
    const path = `${listOf(of, namespace)}/trainer`;
    const { status } = await world.cluster.call('admin', 'PATCH', path, body, MERGE_PATCH);
    expect(status).toBe(200);
  };
  const settled = (of: KindUnderTest, namespace: string, values: Json) =>
    until(`${of.kind} in ${namespace} to have its knobs`, async () => {
      const found = await read(of, namespace);
      const has = of.templates.every(
        (path) =>
          (at(found.spec, path) as { metadata: Found['metadata'] }).metadata.annotations?.[GRAD] ===
          values[GRAD],
      );
      const { observedGeneration, updatedReplicas, availableReplicas } = found.status ?? {};
      const isRolledOut =
        of.hasController !== true ||
        (observedGeneration === found.metadata.generation &&
          updatedReplicas === 2 &&
          availableReplicas === 2);
      return has && isRolledOut && found;
    });

  /** A namespace with a drifted trainer of a kind, known to the stack by the name of the namespace. */
  const make = async (
    of: KindUnderTest,
    namespace: string,
    context: string | null = null,
  ): Promise<Found> => {
    const { cluster, keeper } = world;
    await makeNamespace(cluster, namespace);
    const made = await cluster.call('admin', 'POST', listOf(of, namespace), {
      apiVersion: of.api,
      kind: of.kind,
      metadata: { name: 'trainer', annotations: DRIFTED },
      spec: of.spec,
    });
    expect(made.status).toBe(201);
    await keeper.registerWorkload({
      id: namespace,
      context,
      ref: { kind: of.kind, namespace, name: 'trainer' },
      source: of.hasController === true ? { pod_logs: {} } : { file: { path: 'none.jsonl' } },
    });
    return settled(of, namespace, DRIFTED);
  };
  /** A specification without the knobs in it. */
  const others = (spec: Json): unknown =>
    JSON.parse(
      JSON.stringify(spec, (key, value: unknown) =>
        key.startsWith('modekeeper/') ? undefined : value,
      ),
    );

  describe.each(KINDS)('a $kind', (of) => {
    const name = of.kind.toLowerCase();

    test('is tuned and set back in every pod template, and keeps all the rest', async () => {
      const before = await make(of, `${name}-tuned`);
      const change = await world.ended((await world.tune(`${name}-tuned`)).id);
      expect(change).toMatchObject({ state: 'done', observation: { status: 'as_planned' } });
      expect(JSON.stringify(change)).not.toContain(SECRET);
      const tuned = await settled(of, `${name}-tuned`, TUNED);
      expect(tuned.metadata.annotations).toMatchObject(TUNED);
      expect(others(tuned.spec)).toEqual(others(before.spec));
      for (const path of of.templates)
        expect(at(tuned.spec, path)).toMatchObject({
          metadata: { annotations: { ...TUNED, 'team.example/kept': 'yes' } },
        });
      const undo = await world.stack.governance.revertChange({ id: change.id });
      expect((await world.ended(undo.id)).state).toBe('done');
      const back = await settled(of, `${name}-tuned`, DRIFTED);
      expect(back.spec).toEqual(before.spec);
    });

    test('is tuned through annotations of others, and left alone where its replicas moved', async () => {
      await make(of, `${name}-raced`);
      const stale = await world.tune(`${name}-raced`, true);
      await world.reaches(stale.id, ({ state }) => state === 'approved');
      await patch(of, `${name}-raced`, { spec: of.scaled });
      await world.stack.governance.applyChange({ id: stale.id });
      expect(await world.ended(stale.id)).toMatchObject({
        state: 'blocked',
        gate: { first: 'plan_stale' },
      });
      expect((await read(of, `${name}-raced`)).metadata.annotations).toMatchObject(DRIFTED);
      await patch(of, `${name}-raced`, { spec: of.spec });
      await settled(of, `${name}-raced`, DRIFTED);
      const held = await world.tune(`${name}-raced`, true);
      await world.reaches(held.id, ({ state }) => state === 'approved');
      await patch(of, `${name}-raced`, { metadata: { annotations: { 'team.example/note': 'x' } } });
      await world.stack.governance.applyChange({ id: held.id });
      expect(await world.ended(held.id)).toMatchObject({ state: 'done' });
      await settled(of, `${name}-raced`, TUNED);
    });

    test('that the kernel may only read is refused in the dry run', async () => {
      const rbac = '/apis/rbac.authorization.k8s.io/v1';
      const role = {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: `${name}-reader`,
      };
      await world.cluster.call('admin', 'POST', `${rbac}/clusterroles`, {
        metadata: { name: role.name },
        rules: [{ apiGroups: [of.api.split('/')[0]], resources: [of.plural], verbs: ['get'] }],
      });
      await world.cluster.call('admin', 'POST', `${rbac}/clusterrolebindings`, {
        metadata: { name: role.name },
        subjects: [{ kind: 'User', name: 'reader', apiGroup: role.apiGroup }],
        roleRef: role,
      });
      await make(of, `${name}-denied`, 'reader');
      await until('the role to count', async () => {
        const path = `${listOf(of, `${name}-denied`)}/trainer`;
        return (await world.cluster.call('reader', 'GET', path)).status === 200;
      });
      const change = await world.ended((await world.tune(`${name}-denied`)).id);
      expect(change).toMatchObject({ state: 'blocked', gate: { first: 'verify_failed' } });
      expect(change.verify?.checks).toMatchObject([
        { ok: false, detail: `patching ${of.resource} in ${name}-denied is not allowed` },
      ]);
      expect((await read(of, `${name}-denied`)).metadata.annotations).toEqual(DRIFTED);
    });

    test('that admission does not let be changed is refused with its words', async () => {
      const policies = '/apis/admissionregistration.k8s.io/v1';
      const policy = `${name}-frozen`;
      await make(of, `${name}-frozen`);
      const [group, version] = of.api.split('/');
      const rule = {
        apiGroups: [group],
        apiVersions: [version],
        operations: ['UPDATE'],
        resources: [of.plural],
      };
      await world.cluster.call('admin', 'POST', `${policies}/validatingadmissionpolicies`, {
        metadata: { name: policy },
        spec: {
          matchConstraints: { resourceRules: [rule] },
          validations: [{ expression: 'false', message: 'frozen for the audit' }],
        },
      });
      await world.cluster.call('admin', 'POST', `${policies}/validatingadmissionpolicybindings`, {
        metadata: { name: policy },
        spec: {
          policyName: policy,
          validationActions: ['Deny'],
          matchResources: {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': `${name}-frozen` } },
          },
        },
      });
      await until('the policy to count', async () => {
        const path = `${listOf(of, `${name}-frozen`)}/trainer?dryRun=All`;
        const body = { metadata: { labels: { a: 'b' } } };
        return (await world.cluster.call('admin', 'PATCH', path, body, MERGE_PATCH)).status !== 200;
      });
      const change = await world.ended((await world.tune(`${name}-frozen`)).id);
      expect(change).toMatchObject({ state: 'blocked', gate: { first: 'verify_failed' } });
      expect(change.verify?.checks[0]?.detail).toContain('frozen for the audit');
      expect((await read(of, `${name}-frozen`)).metadata.annotations).toMatchObject(DRIFTED);
    });
  });

  test('a Job that runs is not planned for: its pod template cannot be changed any more', async () => {
    const job = KINDS.find(({ kind }) => kind === 'Job')!;
    await make({ ...job, spec: { ...job.spec, suspend: false } }, 'job-running');
    const change = await world.ended((await world.tune('job-running')).id);
    expect(change).toMatchObject({ state: 'failed', plan: null });
    expect(change.reasons[0]?.detail).toContain('while it is not suspended');
  });
});
