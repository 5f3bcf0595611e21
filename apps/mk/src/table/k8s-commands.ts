import { command } from '../frame/command.ts';
import { applyFlags, planOutFlags, preflightFlags, rollbackFlags } from './k8s-flags.ts';

export const K8S_COMMANDS = [
  command({
    path: 'k8s render',
    brief: 'Write the kubectl script of a plan, without running it',
    flags: planOutFlags,
    load: async () => (await import('../commands/k8s-render.ts')).k8sRender,
  }),
  command({
    path: 'k8s verify',
    brief: 'Try a plan against the cluster with a server dry run',
    flags: planOutFlags,
    load: async () => (await import('../commands/k8s-verify.ts')).k8sVerify,
  }),
  command({
    path: 'k8s apply',
    brief: 'Apply a verified plan through the gate',
    flags: applyFlags,
    load: async () => (await import('../commands/k8s-apply.ts')).k8sApply,
  }),
  command({
    path: 'k8s rollback',
    brief: 'Put back what an apply replaced, through the gate',
    flags: rollbackFlags,
    load: async () => (await import('../commands/k8s-rollback.ts')).k8sRollback,
  }),
  command({
    path: 'k8s preflight',
    brief: 'Look whether the cluster and the workload can be reached',
    flags: preflightFlags,
    load: async () => (await import('../commands/k8s-preflight.ts')).k8sPreflight,
  }),
];
