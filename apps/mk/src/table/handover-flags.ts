import { flagTable } from '../frame/flag-spec.ts';
import { targetFlags } from './shared-flags.ts';

const inFlag = flagTable({
  in: { kind: 'text', placeholder: 'DIR', default: 'report', brief: 'Folder of artifacts' },
});

export const handoffFlags = flagTable({
  ...inFlag,
  out: {
    kind: 'text',
    placeholder: 'FILE',
    default: 'mk_handoff.tar',
    brief: 'The archive to write',
  },
});

export const supportFlags = flagTable({
  ...inFlag,
  out: {
    kind: 'text',
    placeholder: 'FILE',
    default: 'mk_support.tar',
    brief: 'The archive to write',
  },
});

export const runnerFlags = flagTable({
  out: {
    kind: 'text',
    placeholder: 'DIR',
    default: 'k8s-runner',
    brief: 'Folder of the manifests',
  },
  ...targetFlags,
  image: {
    kind: 'text',
    placeholder: 'IMAGE',
    required: true,
    brief: 'Image with mk on its PATH, with a tag or a digest',
  },
  interval: { kind: 'duration', default: '5m', brief: 'Pause between two iterations' },
  apply: {
    kind: 'switch',
    brief: 'Let the runner apply: it may then patch this one workload, and needs a licence',
  },
});
