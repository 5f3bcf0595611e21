import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CLUSTER_LIMIT_MS,
  hasKubectl,
  missingCluster,
  skipNote,
  startCluster,
  type Cluster,
  type ClusterUser,
} from './support/cluster.ts';
import {
  deploymentsOf,
  knobs,
  makeDeployment,
  makeNamespace,
  MERGE_PATCH,
  podsOf,
  podsWith,
  readDeployment,
  type KubeObject,
} from './support/objects.ts';
import { makeTrainingKinds } from './support/training-kinds.ts';
import { isRunning } from '../harness/process-facts.ts';
import { runProgram } from '../harness/run-program.ts';
import { until } from '../harness/until.ts';

const missing = missingCluster();
const noKubectl = hasKubectl() ? '' : ' (SKIPPED: no kubectl here)';
const NS = 'training';

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

describe.skipIf(missing !== undefined)(`a real API server${skipNote(missing)}`, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    await makeNamespace(cluster, NS);
  }, CLUSTER_LIMIT_MS);
  afterAll(() => cluster?.stop());

  const patch = <T = KubeObject>(user: ClusterUser, name: string, body: unknown, query = '') =>
    cluster.call<T>(user, 'PATCH', `${deploymentsOf(NS)}/${name}${query}`, body, MERGE_PATCH);

  const kubectl = (user: ClusterUser, ...args: string[]) =>
    runProgram('kubectl', ['--kubeconfig', cluster.kubeconfigs[user], '-n', NS, ...args], {
      env: process.env,
    });

  test('makes a Deployment available, with pods that run on its nodes', async () => {
    const made = await makeDeployment(cluster, NS, 'available', 3);
    expect(made.spec.replicas).toBe(3);
    const pods = await podsWith(cluster, NS, 'available');
    expect(pods.map((pod) => pod.status.phase)).toEqual(['Running', 'Running', 'Running']);
    for (const pod of pods) expect(cluster.nodes).toContain(pod.spec.nodeName);
  });

  test('replaces the pods of a Deployment whose template gets an annotation', async () => {
    await makeDeployment(cluster, NS, 'rolled', 2);
    const before = (await podsWith(cluster, NS, 'rolled')).map((pod) => pod.metadata.name);
    expect((await patch('admin', 'rolled', knobs({ 'test/knob': '8' }))).status).toBe(200);
    const after = await until('new pods', async () => {
      const pods = await podsWith(cluster, NS, 'rolled');
      const isNew = (pod: KubeObject) =>
        pod.metadata.annotations?.['test/knob'] === '8' && pod.status.phase === 'Running';
      return pods.length === 2 && pods.every(isNew) ? pods : undefined;
    });
    for (const pod of after) expect(before).not.toContain(pod.metadata.name);
  });

  test('refuses a merge patch with a resource version that is not the last one', async () => {
    const made = await makeDeployment(cluster, NS, 'raced', 1);
    const { resourceVersion } = made.metadata;
    const set = (value: string) => ({
      metadata: { resourceVersion, annotations: { 'test/writer': value } },
    });
    expect((await patch('admin', 'raced', set('first'))).status).toBe(200);
    const second = await patch<Refusal>('admin', 'raced', set('second'));
    expect([second.status, second.body.reason]).toEqual([409, 'Conflict']);
    const { metadata: now } = await readDeployment(cluster, NS, 'raced');
    expect(now.annotations?.['test/writer']).toBe('first');
  });

  test('answers a server dry run with the result, and changes nothing', async () => {
    const before = await makeDeployment(cluster, NS, 'tried', 1);
    const annotated = { metadata: { annotations: { 'test/tried': 'yes' } } };
    const tried = await patch('admin', 'tried', annotated, '?dryRun=All');
    expect(tried.status).toBe(200);
    expect(tried.body.metadata.annotations?.['test/tried']).toBe('yes');
    const after = await readDeployment(cluster, NS, 'tried');
    expect(after.metadata.annotations?.['test/tried']).toBeUndefined();
    expect(after.metadata).toEqual(before.metadata);
  });

  test('refuses in a server dry run what it would refuse', async () => {
    await makeDeployment(cluster, NS, 'invalid', 1);
    const answer = await patch<Refusal>(
      'admin',
      'invalid',
      knobs({ 'no name!': '1' }),
      '?dryRun=All',
    );
    expect([answer.status, answer.body.reason]).toEqual([422, 'Invalid']);
  });

  test('lets the reader read, and refuses its patch, dry runs too', async () => {
    await makeDeployment(cluster, NS, 'read', 1);
    const { status } = await cluster.call('reader', 'GET', `${deploymentsOf(NS)}/read`);
    expect(status).toBe(200);
    for (const query of ['', '?dryRun=All']) {
      const refused = await patch<Refusal>('reader', 'read', knobs({ 'test/knob': '1' }), query);
      expect([refused.status, refused.body.reason]).toEqual([403, 'Forbidden']);
      expect(refused.body.message).toContain('User "reader" cannot patch resource "deployments"');
    }
  });

  test('gives a user exactly the rights of its role, in its namespace only', async () => {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NS}`;
    const group = 'rbac.authorization.k8s.io';
    await makeDeployment(cluster, NS, 'granted', 1);
    const before = await patch('nobody', 'granted', knobs({ 'test/knob': '1' }));
    expect(before.status).toBe(403);
    await cluster.call('admin', 'POST', `${rbac}/roles`, {
      metadata: { name: 'tuner' },
      rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'patch'] }],
    });
    await cluster.call('admin', 'POST', `${rbac}/rolebindings`, {
      metadata: { name: 'tuner' },
      subjects: [{ kind: 'User', name: 'nobody', apiGroup: group }],
      roleRef: { kind: 'Role', name: 'tuner', apiGroup: group },
    });
    await until('the role to count', async () => {
      const answer = await patch('nobody', 'granted', knobs({ 'test/knob': '1' }));
      return answer.status === 200;
    });
    expect((await cluster.call('nobody', 'GET', deploymentsOf('default'))).status).toBe(403);
    expect((await cluster.call('nobody', 'GET', podsOf(NS))).status).toBe(403);
  });

  test('gives the log of a pod', async () => {
    await makeDeployment(cluster, NS, 'logged', 1);
    const [pod] = await podsWith(cluster, NS, 'logged');
    appendFileSync(cluster.pod_log, '2030-01-02T03:04:05.678901234Z stdout F step_time_ms=120\n');
    const path = `${podsOf(NS)}/${pod?.metadata.name}/log?timestamps=true`;
    const { status, body } = await cluster.call<string>('reader', 'GET', path);
    expect([status, body]).toEqual([200, '2030-01-02T03:04:05.678901234Z step_time_ms=120\n']);
  });

  test('keeps objects of training operators, and patches the templates in them', async () => {
    await makeTrainingKinds(cluster);
    const path = `/apis/kubeflow.org/v1/namespaces/${NS}/pytorchjobs`;
    const worker = (annotations: Readonly<Record<string, string>>) => ({
      spec: { pytorchReplicaSpecs: { Worker: { template: { metadata: { annotations } } } } },
    });
    const made = await cluster.call('admin', 'POST', path, {
      apiVersion: 'kubeflow.org/v1',
      kind: 'PyTorchJob',
      metadata: { name: 'trained' },
      ...worker({ 'test/kept': 'yes' }),
    });
    expect(made.status).toBe(201);
    const change = worker({ 'test/knob': '8' });
    const { body } = await cluster.call('admin', 'PATCH', `${path}/trained`, change, MERGE_PATCH);
    expect(body).toMatchObject(worker({ 'test/kept': 'yes', 'test/knob': '8' }));
  });

  test('puts a pod on another node where its own takes none any more', async () => {
    await makeDeployment(cluster, NS, 'moved', 1);
    const [first] = await podsWith(cluster, NS, 'moved');
    const node = `/api/v1/nodes/${first?.spec.nodeName}`;
    const schedulable = (unschedulable: boolean) =>
      cluster.call('admin', 'PATCH', node, { spec: { unschedulable } }, MERGE_PATCH);
    await schedulable(true);
    await cluster.call('admin', 'DELETE', `${podsOf(NS)}/${first?.metadata.name}`);
    const second = await until('a pod elsewhere', async () => {
      const [pod] = await podsWith(cluster, NS, 'moved');
      return pod?.status.phase === 'Running' && pod;
    });
    await schedulable(false);
    expect(second.spec.nodeName).not.toBe(first?.spec.nodeName);
  });

  test.skipIf(noKubectl)(
    `waits for a rollout with kubectl, and refuses what the reader may not${noKubectl}`,
    async () => {
      await makeDeployment(cluster, NS, 'by-hand', 1);
      const change = [
        'patch',
        'deployment/by-hand',
        '--type=merge',
        '-p',
        JSON.stringify(knobs({ 'test/knob': '2' })),
      ];
      const tried = await kubectl('admin', ...change, '--dry-run=server', '-o', 'name');
      expect([tried.stderr, tried.stdout]).toEqual(['', 'deployment.apps/by-hand\n']);
      expect((await kubectl('admin', ...change)).code).toBe(0);
      const rollout = await kubectl('admin', 'rollout', 'status', 'deployment/by-hand');
      expect(rollout.stdout).toContain('successfully rolled out');
      const refused = await kubectl('reader', ...change);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('Error from server (Forbidden)');
      const asked = await kubectl('reader', 'auth', 'can-i', 'patch', 'deployments');
      expect([asked.code, asked.stdout]).toEqual([1, 'no\n']);
      const version = (await kubectl('admin', 'version', '-o', 'json')).json<{
        serverVersion: { gitVersion: string };
      }>();
      expect(version.serverVersion.gitVersion).toBe(`v${cluster.versions.kubernetes}`);
    },
  );
});

describe.skipIf(missing !== undefined)(`the end of a cluster${skipNote(missing)}`, () => {
  test(
    'stops every part and removes its folder',
    async () => {
      const cluster = await startCluster({ nodes: 1 });
      const pids = Object.values(cluster.pids);
      expect(pids.filter(isRunning)).toHaveLength(5);
      await cluster.stop();
      expect(pids.filter(isRunning)).toEqual([]);
      expect(existsSync(cluster.folder)).toBe(false);
    },
    CLUSTER_LIMIT_MS,
  );

  test(
    'leaves no part behind when the program that started them is killed',
    async () => {
      const cluster = await startCluster({ nodes: 1 });
      const pids = Object.values(cluster.pids);
      expect(pids.filter(isRunning)).toHaveLength(5);
      process.kill(cluster.pid, 'SIGKILL');
      try {
        await until('the parts to end', () => !pids.some(isRunning));
      } finally {
        rmSync(cluster.folder, { recursive: true, force: true });
      }
    },
    CLUSTER_LIMIT_MS,
  );
});
