import { flagTable } from '../frame/flag-spec.ts';
import { outFlag, targetFlags } from './shared-flags.ts';

export const evalFileFlags = flagTable({
  path: { kind: 'text', placeholder: 'FILE', required: true, brief: 'Samples, .jsonl or .csv' },
  ...outFlag,
});

export const evalK8sFlags = flagTable({
  ...targetFlags,
  duration: { kind: 'duration', default: '10m', brief: 'Window that is observed' },
  container: {
    kind: 'text',
    placeholder: 'NAME',
    default: 'auto',
    brief: 'Container whose log is read',
  },
  ...outFlag,
});

export const replayFlags = flagTable({
  path: { kind: 'text', placeholder: 'FILE', required: true, brief: 'Samples, .jsonl or .csv' },
  policy: {
    kind: 'choice',
    choices: ['chord', 'scalar'],
    default: 'chord',
    brief: 'How actions are proposed',
  },
  window: { kind: 'duration', default: '60s', brief: 'Samples that are looked at together' },
  ...outFlag,
});

export const exportFlags = flagTable({
  in: { kind: 'text', placeholder: 'DIR', default: 'report', brief: 'Folder of artifacts' },
  out: {
    kind: 'text',
    placeholder: 'FILE',
    default: 'mk_bundle.tar',
    brief: 'The archive to write',
  },
});
