import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { until } from '../harness/until.ts';
import {
  CLUSTER_LIMIT_MS,
  missingCluster,
  skipNote,
  startCluster,
  type Cluster,
  type ClusterUser,
} from '../k8s/support/cluster.ts';
import {
  MERGE_PATCH,
  deploymentsOf,
  knobs,
  makeDeployment,
  makeNamespace,
  podsOf,
  podsWith,
  readDeployment,
} from '../k8s/support/objects.ts';
import { MK, type Json } from './support/mk-world.ts';

/**
 * Through the Kubernetes API alone: no kubectl is named, and the double of it is not used. Where there is no API server the
 * title says `SKIPPED: <why>`.
 */
const missing = missingCluster();

const GRAD = 'modekeeper/knob.grad_accum_steps';
const MICRO = 'modekeeper/knob.microbatch_size';
const DRIFTED = { [GRAD]: '4', [MICRO]: '64' };
const TUNED = { [GRAD]: '8', [MICRO]: '32' };

interface Templated {
  readonly spec: { readonly template: { readonly metadata: { readonly annotations?: Json } } };
}

describe.skipIf(missing !== undefined)(`mk on a real API server${skipNote(missing)}`, () => {
  let cluster: Cluster;
  let folder = '';

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2 });
    folder = mkdtempSync(join(tmpdir(), 'mk-cluster-'));
    await mk('license mint-dev');
  }, CLUSTER_LIMIT_MS);

  afterAll(async () => {
    await cluster?.stop();
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  const mk = (args: string, user: ClusterUser = 'admin') =>
    runProgram(MK, args.split(' '), {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        KUBECONFIG: cluster.kubeconfigs[user],
        MODEKEEPER_LICENSE_PATH: 'license_dev.json',
        MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'license_dev_public_keys.json',
      },
    });
  const read = (path: string): Json => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Json;

  const patch = (namespace: string, body: unknown) =>
    cluster.call('admin', 'PATCH', `${deploymentsOf(namespace)}/trainer`, body, MERGE_PATCH);

  /** A namespace with a trainer of two pods whose knobs have drifted, at rest. */
  const makeTrainer = async (namespace: string): Promise<void> => {
    await makeNamespace(cluster, namespace);
    await makeDeployment(cluster, namespace, 'trainer', 2);
    await patch(namespace, knobs(DRIFTED));
    await rolledOut(namespace);
  };
  const knobsOf = async (namespace: string): Promise<Json> => {
    const found = (await readDeployment(cluster, namespace, 'trainer')) as unknown as Templated;
    return found.spec.template.metadata.annotations ?? {};
  };
  /** Every pod has the knobs of the template, and no controller writes the object any more. */
  const rolledOut = (namespace: string) =>
    until(`the pods of ${namespace} to be replaced`, async () => {
      const before = await readDeployment(cluster, namespace, 'trainer');
      const [pods, wanted] = [
        await podsWith(cluster, namespace, 'trainer'),
        (await knobsOf(namespace))[GRAD],
      ];
      const after = await readDeployment(cluster, namespace, 'trainer');
      const isNew = pods.every(({ metadata }) => metadata.annotations?.[GRAD] === wanted);
      const isStill = before.metadata.resourceVersion === after.metadata.resourceVersion;
      return isNew && isStill && pods.length === 2 && after.status.availableReplicas === 2;
    });

  const closedLoop = (namespace: string, more: string, user?: ClusterUser) =>
    mk(
      `closed-loop run --scenario drift --k8s-namespace ${namespace} --out ${namespace} ${more}`,
      user,
    );

  test('applies a plan, the workload rolls out, and the rollback brings the old values back', async () => {
    await makeTrainer('apply');
    const applied = await closedLoop('apply', '--apply');
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(read('apply/closed_loop_latest.json')).toMatchObject({
      verify_ok: true,
      apply_attempted: true,
      apply_ok: true,
      apply_blocked_reason: null,
    });
    expect(await knobsOf('apply')).toMatchObject(TUNED);
    await rolledOut('apply');

    const back = await mk('k8s rollback --plan apply/rollback_plan_latest.json --out apply');
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(await knobsOf('apply')).toMatchObject(DRIFTED);
    await rolledOut('apply');
  });

  test('names the rule that is missing when the server denies, and applies nothing', async () => {
    await makeTrainer('denied');
    expect((await closedLoop('denied', '--dry-run')).code).toBe(0);
    const plan = 'denied/k8s_plan.json';
    expect((await mk(`k8s verify --plan ${plan} --out denied`, 'reader')).code).toBe(0);
    expect(read('denied/k8s_verify_latest.json')).toMatchObject({
      ok: false,
      verify_blocker: { kind: 'rbac_denied', namespace: 'denied', name: 'trainer' },
      details: { rbac: { verb: 'patch', resource: 'deployments', namespace: 'denied' } },
    });
    const refused = await closedLoop('denied', '--apply', 'reader');
    expect(refused).toMatchObject({
      code: 2,
      stderr: 'ERROR: verify_ok=true is required for apply/mutate operations\n',
    });
    expect(await knobsOf('denied')).toMatchObject(DRIFTED);
  });

  test('stops at what the server would not admit', async () => {
    await makeTrainer('guarded');
    const name = 'no-eight';
    const policies = '/apis/admissionregistration.k8s.io/v1';
    const expression = `!has(object.metadata.annotations) || !('${GRAD}' in object.metadata.annotations) || object.metadata.annotations['${GRAD}'] != '8'`;
    const rules = [
      {
        apiGroups: ['apps'],
        apiVersions: ['v1'],
        operations: ['UPDATE'],
        resources: ['deployments'],
      },
    ];
    await cluster.call('admin', 'POST', `${policies}/validatingadmissionpolicies`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: rules },
        validations: [{ expression, message: 'eight is too many' }],
      },
    });
    const inNamespace = { matchLabels: { 'kubernetes.io/metadata.name': 'guarded' } };
    await cluster.call('admin', 'POST', `${policies}/validatingadmissionpolicybindings`, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: inNamespace },
      },
    });
    const dryRun = `${deploymentsOf('guarded')}/trainer?dryRun=All`;
    await until('the policy to be in force', async () => {
      const body = { metadata: { annotations: { [GRAD]: '8' } } };
      return (await cluster.call('admin', 'PATCH', dryRun, body, MERGE_PATCH)).status === 422;
    });
    const refused = await closedLoop('guarded', '--apply');
    expect(refused.code).toBe(2);
    expect(read('guarded/k8s_verify_latest.json')).toMatchObject({
      ok: false,
      verify_blocker: {
        kind: 'dry_run_failed',
        detail: expect.stringContaining('eight is too many'),
      },
    });
    expect(await knobsOf('guarded')).toMatchObject(DRIFTED);
  });

  test('leaves an object alone that somebody has changed since it was verified', async () => {
    await makeTrainer('raced');
    expect((await closedLoop('raced', '--dry-run')).code).toBe(0);
    const plan = 'raced/k8s_plan.json';
    expect((await mk(`k8s verify --plan ${plan} --out raced`)).code).toBe(0);
    await patch('raced', { spec: { replicas: 1 } });
    const failed = await mk(`k8s apply --plan ${plan} --out raced`);
    expect(failed.code).toBe(1);
    const [item] = read('raced/k8s_apply_latest.json')['items'] as Json[];
    expect(item).toMatchObject({
      ok: false,
      stderr: expect.stringContaining('changed since it was verified'),
    });
    expect(await knobsOf('raced')).toMatchObject(DRIFTED);
  });

  test('says that the ground has moved when the samples come from more than one node', async () => {
    await makeTrainer('moved');
    const [first, second] = cluster.nodes;
    const lines = (node: string, from: number): string =>
      Array.from({ length: 6 }, (_, n) => {
        const at = new Date(Date.now() - 30_000 + (from + n) * 1_000).toISOString();
        const sample = { ts: at, step: from + n, step_time_ms: 100 + n, throughput: 10, node };
        return `${at} stdout F ${JSON.stringify(sample)}\n`;
      }).join('');
    const look = async (): Promise<Json> => {
      const args = '--source k8s --k8s-namespace moved --k8s-deployment trainer --duration 5m';
      expect(await mk(`observe ${args} --out moved`)).toMatchObject({ code: 0, stderr: '' });
      return read('moved/observe_latest.json');
    };
    appendFileSync(cluster.pod_log, lines(first!, 0));
    expect(await look()).toMatchObject({
      sample_count: 6,
      environment: { nodes_seen: [first], unstable: false, notes: [] },
    });
    appendFileSync(cluster.pod_log, lines(second!, 6));
    expect(await look()).toMatchObject({
      sample_count: 12,
      environment: { unstable: true, notes: ['multiple_nodes_seen'] },
    });
    expect((await cluster.call('reader', 'GET', podsOf('moved'))).status).toBe(200);
  });
});
