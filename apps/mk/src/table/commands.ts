import { command, type Command } from '../frame/command.ts';
import { chordsFlags, doctorFlags } from './check-flags.ts';
import { FLEET_COMMANDS } from './fleet-commands.ts';
import { HANDOVER_COMMANDS } from './handover-commands.ts';
import { K8S_COMMANDS } from './k8s-commands.ts';
import { observeFlags } from './k8s-flags.ts';
import { LICENSE_COMMANDS } from './license-commands.ts';
import { runFlags, watchFlags } from './loop-flags.ts';
import { PASSPORT_COMMANDS } from './passport-commands.ts';
import { REPORT_COMMANDS } from './report-commands.ts';
import { ROI_COMMANDS } from './roi-commands.ts';

/** Every command of `mk`, in the order in which help shows them. */
export const COMMANDS: readonly Command[] = [
  command({
    path: 'closed-loop run',
    brief: 'Observe, propose, plan; with --apply also verify and apply',
    flags: runFlags,
    load: async () => (await import('../commands/closed-loop-run.ts')).closedLoopRun,
  }),
  command({
    path: 'closed-loop watch',
    brief: 'The same again and again',
    flags: watchFlags,
    load: async () => (await import('../commands/closed-loop-watch.ts')).closedLoopWatch,
  }),
  command({
    path: 'observe',
    brief: 'Look at a workload and say what is seen; never changes anything',
    flags: observeFlags,
    load: async () => (await import('../commands/observe.ts')).observe,
  }),
  ...K8S_COMMANDS,
  command({
    path: 'chords validate',
    brief: 'Check a chord catalog',
    flags: chordsFlags,
    load: async () => (await import('../commands/chords-validate.ts')).chordsValidate,
  }),
  ...LICENSE_COMMANDS,
  ...PASSPORT_COMMANDS,
  ...FLEET_COMMANDS,
  ...REPORT_COMMANDS,
  ...ROI_COMMANDS,
  ...HANDOVER_COMMANDS,
  command({
    path: 'doctor',
    brief: 'Look whether this machine has what mk needs',
    flags: doctorFlags,
    load: async () => (await import('../commands/doctor.ts')).doctor,
  }),
];
