import { until } from '../../harness/until.ts';
import {
  deploymentsOf,
  knobs,
  makeDeployment,
  makeNamespace,
  MERGE_PATCH,
  podsWith,
  readDeployment,
} from './objects.ts';
import { DRIFTED, GRAD, type TuningStack } from './tuning-stack.ts';

type Texts = Readonly<Record<string, string>>;

/** Deployments called `trainer`, one in each namespace. */
export const createTrainers = ({ cluster, keeper }: TuningStack) => {
  const patch = (namespace: string, body: unknown) =>
    cluster.call('admin', 'PATCH', `${deploymentsOf(namespace)}/trainer`, body, MERGE_PATCH);
  /** Until the pods of a namespace run with their knobs. */
  const rolledOut = (namespace: string, values: Texts) =>
    until(`the pods of ${namespace} to have their knobs`, async () => {
      const pods = await podsWith(cluster, namespace, 'trainer');
      const found = await readDeployment(cluster, namespace, 'trainer');
      const isNew = pods.every(
        ({ metadata, status }) =>
          metadata.annotations?.[GRAD] === values[GRAD] && status.phase === 'Running',
      );
      return isNew && pods.length === 2 && found.status.availableReplicas === 2;
    });
  return {
    patch,
    rolledOut,
    async knobsOf(namespace: string): Promise<Texts> {
      const found = (await readDeployment(cluster, namespace, 'trainer')) as unknown as {
        spec: { template: { metadata: { annotations?: Record<string, string> } } };
      };
      return found.spec.template.metadata.annotations ?? {};
    },
    /** How many tunings the memory of a trainer has: each patch of a step adds one. */
    async patchesOf(namespace: string): Promise<number> {
      const { metadata } = await readDeployment(cluster, namespace, 'trainer');
      const log = metadata.annotations?.['modekeeper/applied-log'] ?? '[]';
      return (JSON.parse(log) as unknown[]).length;
    },
    /** Whether pods can be placed: while not, no rollout ends. */
    async cordon(unschedulable: boolean): Promise<void> {
      const body = { spec: { unschedulable } };
      for (const node of cluster.nodes)
        await cluster.call('admin', 'PATCH', `/api/v1/nodes/${node}`, body, MERGE_PATCH);
    },
    /** Makes a namespace with a drifted trainer at rest, which the stack knows by the name of the namespace. */
    async make(namespace: string, context: string | null = null): Promise<void> {
      await makeNamespace(cluster, namespace);
      await makeDeployment(cluster, namespace, 'trainer', 2);
      await patch(namespace, { metadata: { annotations: DRIFTED }, ...knobs(DRIFTED) });
      await rolledOut(namespace, DRIFTED);
      await keeper.registerWorkload({
        id: namespace,
        context,
        ref: { namespace, name: 'trainer' },
        source: { pod_logs: {} },
      });
    },
  };
};
export type Trainers = ReturnType<typeof createTrainers>;
