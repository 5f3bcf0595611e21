import { expect, it } from 'vitest';
import { trainerWorld } from '../test-support/world.mjs';
import type { World } from '../test-support/world.mjs';
import type { Cluster } from '../cluster.ts';
import { openCluster } from '../open-cluster.ts';
import { success } from '../outcome.ts';
import { apiDouble, kubectlDouble } from '../test-support/doubles.ts';
import { gpuFacts } from './gpu-facts.ts';
import { preflight } from './preflight.ts';

const gpuWorld = (): World => {
  const world = trainerWorld();
  const [, deployment] = world.objects;
  const gpus = { 'nvidia.com/gpu': '2' };
  deployment!.spec = {
    replicas: 1,
    template: { spec: { containers: [{ resources: { limits: gpus, requests: gpus } }] } },
  };
  world.objects.push({
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } },
    status: { capacity: { cpu: '8', 'nvidia.com/gpu': '8' }, allocatable: {} },
  });
  world.objects.push({
    ...{ apiVersion: 'apps/v1', kind: 'DaemonSet' },
    metadata: { name: 'nvidia-device-plugin-daemonset', namespace: 'kube-system' },
  });
  return world;
};

const NAMES = [
  'current_context',
  'cluster_info',
  'get_ns',
  'get_deployment_wide',
  'get_pods_wide',
  'can_i_get_pods',
  'can_i_get_deployments_apps',
];

const expectGoodReport = async (cluster: Cluster): Promise<void> => {
  const report = await preflight(cluster, 'default', 'trainer');
  expect(report).toMatchObject({
    ok: true,
    top_blocker: null,
    k8s_context: 'kind-test',
    k8s_namespace: 'default',
    k8s_deployment: 'trainer',
    gpu_capacity_present: true,
    nvidia_device_plugin_present: true,
    deploy_gpu_request: 2,
    notes: [],
  });
  expect(report.checks.map(({ name }) => name)).toEqual(NAMES);
  expect(report.checks.every(({ ok, rc }) => ok && rc === 0)).toBe(true);
  expect(report.checks[4]?.stdout_snip).toContain('trainer-1');
};

it('asks the API seven questions and counts GPUs once', async () => {
  await expectGoodReport((await apiDouble(gpuWorld())).cluster);
});

it('asks kubectl the same, with the lists that others match word by word', async () => {
  const double = kubectlDouble(gpuWorld());
  await expectGoodReport(double.cluster);
  expect(new Set(double.calls().map((call) => call.join(' ')))).toEqual(
    new Set([
      'config current-context',
      'cluster-info',
      'get ns',
      '-n default get deploy trainer -o wide',
      '-n default get pods -o wide',
      'auth can-i get pods -n default',
      'auth can-i get deployments.apps -n default',
      'get nodes -o json',
      '-n kube-system get ds -o name',
      '-n kube-system get pods -o name',
      '-n default get deploy trainer -o json',
    ]),
  );
});

it('names the first check that failed, cuts long answers and notes that there are no GPUs', async () => {
  const world = { ...trainerWorld(), denied: [{ resource: 'deployments' }] };
  const answers = [
    { args: ['get', 'ns'], stdout: 'x'.repeat(5000) },
    { args: ['auth', '...'], rc: 1, stdout: 'no\n' },
  ];
  const report = await preflight(
    kubectlDouble({ ...world, answers }).cluster,
    'default',
    'trainer',
  );
  expect(report).toMatchObject({
    ok: false,
    top_blocker: 'get_deployment_wide failed',
    notes: ['gpu_not_in_cluster', 'device_plugin_missing', 'deploy_not_requesting_gpu'],
  });
  expect(report.checks[2]?.stdout_snip).toBe(`${'x'.repeat(500)}...(truncated)`);
  expect(report.checks[3]?.stderr_snip).toMatch(/^Error from server \(Forbidden\)/);
  expect(report.checks[5]).toMatchObject({ ok: false, rc: 1, stdout_snip: 'no' });
});

it('says that there is nothing to call', async () => {
  const report = await preflight(openCluster({}), 'default', 'trainer');
  expect(report).toMatchObject({ ok: false, top_blocker: 'kubectl_not_found', k8s_context: null });
  expect(report.checks.map(({ rc }) => rc)).toEqual(NAMES.map(() => 127));
});

it('counts what the scheduler sets aside for a pod with init containers and sidecars', () => {
  const gpu = (limits: string, requests?: string) => ({
    resources: {
      limits: { 'nvidia.com/gpu': limits },
      ...(requests && { requests: { 'nvidia.com/gpu': requests } }),
    },
  });
  const deployment = (spec: object) => {
    const text = JSON.stringify({ metadata: {}, spec: { template: { spec } } });
    const none = success('');
    const answers = { nodes: none, daemonSets: none, systemPods: none };
    return gpuFacts({ ...answers, deployment: success(text) }).deploy_gpu_request;
  };
  expect(deployment({ containers: [gpu('1', '1'), gpu('2')] })).toBe(3);
  expect(deployment({ containers: [gpu('1')], initContainers: [gpu('4'), gpu('3')] })).toBe(4);
  const sidecar = { ...gpu('1'), restartPolicy: 'Always' };
  expect(deployment({ containers: [gpu('1')], initContainers: [sidecar] })).toBe(2);
  expect(deployment({ containers: [gpu('-1'), gpu('x'), {}] })).toBe(0);
  expect(deployment({})).toBe(0);
});
