import { buildRouteMap } from '@stricli/core';
import { booleanFlag, command, onePositional, stringFlag } from '../define-command.ts';

const optional = { optional: true } as const;
const id = onePositional('Workload id', 'ID');

export const workloads = buildRouteMap({
  docs: { brief: 'Training workloads of a cluster: watch them, and say how they may be tuned' },
  defaultCommand: 'list',
  routes: {
    list: command({
      brief: 'List the registered workloads',
      load: async () => (await import('../commands/workloads.ts')).workloadsList,
    }),
    show: command({
      brief: 'Show one workload: where it runs, what it is measured by and how it may be tuned',
      positional: id,
      load: async () => (await import('../commands/workloads.ts')).workloadsShow,
    }),
    register: command({
      brief: 'Register a workload, or replace all that is on record about it',
      positional: id,
      flags: {
        spec: stringFlag(
          'A JSON file with the whole record, instead of the flags',
          'FILE',
          optional,
        ),
        name: stringFlag('Name of the object; the id when absent', 'NAME', optional),
        namespace: stringFlag('Its namespace; default when absent', 'NS', optional),
        kind: stringFlag(
          'Deployment (when absent), StatefulSet, Job, PyTorchJob or RayCluster',
          'KIND',
          optional,
        ),
        context: stringFlag(
          'Context of the kubeconfig; the current one when absent',
          'NAME',
          optional,
        ),
        container: stringFlag('Container whose log is read', 'NAME', optional),
        file: stringFlag(
          'Samples of this .jsonl or .csv file below telemetry in the home, not of pod logs',
          'FILE',
          optional,
        ),
        policy: stringFlag('chord (when absent) or scalar', 'POLICY', optional),
        mode: stringFlag(
          'observe (when absent) or propose: make changes of what is allowed',
          'MODE',
          optional,
        ),
        interval: stringFlag('Time between two looks: 30s, 5m', 'TIME', optional),
        window: stringFlag('How far back a look goes: 60s, 10m', 'TIME', optional),
        cooldown: stringFlag(
          'Least time between two changes of one knob: 10m, 1h',
          'TIME',
          optional,
        ),
        maxDelta: stringFlag('Most that a knob moves in one change', 'N', optional),
        approveAdvanced: booleanFlag('Chords of the advanced tier need no further word'),
      },
      load: async () => (await import('../commands/workloads-register.ts')).workloadsRegister,
    }),
    remove: command({
      brief: 'Forget a workload and what was seen of it; the workload itself stays as it is',
      positional: id,
      load: async () => (await import('../commands/workloads.ts')).workloadsRemove,
    }),
    observe: command({
      brief: 'Look at a workload now; in mode propose, what is allowed becomes a change',
      positional: id,
      load: async () => (await import('../commands/workloads-observe.ts')).workloadsObserve,
    }),
    observations: command({
      brief: 'What was seen of a workload, newest first',
      positional: id,
      flags: { limit: stringFlag('How many', 'N', { default: '20' }) },
      load: async () => (await import('../commands/workloads-observe.ts')).workloadsObservations,
    }),
  },
});
