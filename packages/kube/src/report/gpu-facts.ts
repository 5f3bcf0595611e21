import type { Outcome } from '../cluster.ts';
import { asObject, isRecord, parseJson } from '../outcome.ts';
import { podTemplates } from '../pod-templates.ts';

export interface GpuFacts {
  readonly gpu_capacity_present: boolean;
  readonly nvidia_device_plugin_present: boolean;
  /** GPUs that one pod of the deployment is given. */
  readonly deploy_gpu_request: number;
  readonly notes: readonly string[];
}

const isGpu = (resource: string): boolean =>
  /^nvidia\.com\/(gpu(\.shared)?|mig-.+)$/.test(resource);

const count = (value: unknown): number => {
  const parsed =
    typeof value === 'number' ? value : Number(typeof value === 'string' ? value : NaN);
  return Number.isInteger(parsed) && parsed > 0 ? parsed : 0;
};

const listAt = (value: unknown, key: string): Record<string, unknown>[] =>
  isRecord(value) && Array.isArray(value[key]) ? value[key].filter(isRecord) : [];

const hasGpu = (resources: unknown): boolean =>
  isRecord(resources) &&
  Object.entries(resources).some(([name, value]) => isGpu(name) && count(value) > 0);

/** GPUs of one container. Limits and requests say the same thing twice: the server holds the two equal. */
const gpusOf = (container: Record<string, unknown>): number => {
  const resources = isRecord(container.resources) ? container.resources : {};
  const limits = isRecord(resources.limits) ? resources.limits : {};
  const requests = isRecord(resources.requests) ? resources.requests : {};
  return [...new Set([...Object.keys(limits), ...Object.keys(requests)])]
    .filter(isGpu)
    .reduce((sum, name) => sum + Math.max(count(limits[name]), count(requests[name])), 0);
};

/**
 * What the scheduler sets aside for one pod: containers and sidecars run together; other init containers run before
 * them, one at a time.
 */
const podRequest = (spec: unknown): number => {
  const init = listAt(spec, 'initContainers');
  const sidecars = init.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const together = [...listAt(spec, 'containers'), ...sidecars].map(gpusOf);
  const before = init.filter((container) => !sidecars.includes(container)).map(gpusOf);
  return Math.max(
    together.reduce((sum, gpus) => sum + gpus, 0),
    ...before,
  );
};

const deployRequest = (deployment: Outcome): number => {
  const object = deployment.ok ? asObject(parseJson(deployment.stdout)) : undefined;
  const [template] = object === undefined ? [] : podTemplates({ ...object, kind: 'Deployment' });
  return podRequest(template?.spec);
};

const isPluginNamed = ({ stdout }: Outcome): boolean => stdout.includes('nvidia-device-plugin');

/** What the answers say about GPUs; one that failed says nothing. */
export const gpuFacts = (answers: {
  nodes: Outcome;
  daemonSets: Outcome;
  systemPods: Outcome;
  deployment: Outcome;
}): GpuFacts => {
  const nodes = answers.nodes.ok ? parseJson(answers.nodes.stdout) : undefined;
  const capacity = listAt(nodes, 'items')
    .map(({ status }) => status)
    .filter(isRecord)
    .some((status) => hasGpu(status.capacity) || hasGpu(status.allocatable));
  const plugin = isPluginNamed(answers.daemonSets) || isPluginNamed(answers.systemPods);
  const request = deployRequest(answers.deployment);
  return {
    gpu_capacity_present: capacity,
    nvidia_device_plugin_present: plugin,
    deploy_gpu_request: request,
    notes: [
      ...(capacity ? [] : ['gpu_not_in_cluster']),
      ...(plugin ? [] : ['device_plugin_missing']),
      ...(request > 0 ? [] : ['deploy_not_requesting_gpu']),
    ],
  };
};
