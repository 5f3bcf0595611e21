import { command } from '../frame/command.ts';
import { demoFlags, phasesFlags, quickstartFlags } from './demo-flags.ts';
import { evalFileFlags, evalK8sFlags, exportFlags, replayFlags } from './eval-flags.ts';

export const REPORT_COMMANDS = [
  command({
    path: 'eval file',
    brief: 'Say what the loop would propose for recorded samples',
    flags: evalFileFlags,
    load: async () => (await import('../commands/eval.ts')).evalFile,
  }),
  command({
    path: 'eval k8s',
    brief: 'Say what the loop would propose for a workload',
    flags: evalK8sFlags,
    load: async () => (await import('../commands/eval.ts')).evalK8s,
  }),
  command({
    path: 'replay',
    brief: 'Say what a policy would have proposed on a recording, window by window',
    flags: replayFlags,
    load: async () => (await import('../commands/replay.ts')).replay,
  }),
  command({
    path: 'quickstart',
    brief: 'Run the commands that a newcomer would; changes nothing',
    flags: quickstartFlags,
    load: async () => (await import('../commands/quickstart.ts')).quickstart,
  }),
  command({
    path: 'demo run',
    brief: 'One dry pass of the loop over synthetic samples',
    flags: demoFlags,
    load: async () => (await import('../commands/demo-run.ts')).demoRun,
  }),
  command({
    path: 'demo mk068',
    brief: 'An incident, its recovery and the relock, in six phases',
    flags: phasesFlags,
    load: async () => (await import('../commands/demo-phases.ts')).demoPhases,
  }),
  command({
    path: 'export bundle',
    brief: 'Pack a folder of artifacts, with checksums',
    flags: exportFlags,
    load: async () => (await import('../commands/export-bundle.ts')).exportBundle,
  }),
];
