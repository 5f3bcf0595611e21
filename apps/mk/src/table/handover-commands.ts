import { command } from '../frame/command.ts';
import { handoffFlags, runnerFlags, supportFlags } from './handover-flags.ts';

export const HANDOVER_COMMANDS = [
  command({
    path: 'export handoff-pack',
    brief: 'Pack what somebody who takes over needs',
    flags: handoffFlags,
    load: async () => (await import('../commands/export-handoff.ts')).exportHandoff,
  }),
  command({
    path: 'support-bundle',
    brief: 'Pack what helps to find a fault, without secrets',
    flags: supportFlags,
    load: async () => (await import('../commands/support-bundle.ts')).supportBundle,
  }),
  command({
    path: 'install k8s-runner',
    brief: 'Write the manifests of a runner in the cluster; applies nothing',
    flags: runnerFlags,
    load: async () => (await import('../commands/install-runner.ts')).installRunner,
  }),
];
