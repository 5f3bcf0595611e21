import { flagTable } from '../frame/flag-spec.ts';
import { outFlag, targetFlags } from './shared-flags.ts';

export const roiCompareFlags = flagTable({
  'observe-source': {
    kind: 'choice',
    choices: ['file', 'k8s', 'k8s-logs'],
    required: true,
    brief: 'Where the samples come from',
  },
  'observe-path': { kind: 'text', placeholder: 'FILE', brief: 'Samples, .jsonl or .csv' },
  ...targetFlags,
  'observe-container': {
    kind: 'text',
    placeholder: 'NAME',
    default: 'auto',
    brief: 'Container whose log is read',
  },
  'observe-duration': { kind: 'duration', default: '60s', brief: 'Window that is observed' },
  interval: {
    kind: 'duration',
    default: '10s',
    brief: 'Samples that a policy looks at together',
  },
  out: { kind: 'text', placeholder: 'DIR', required: true, brief: 'Folder of the artifacts' },
});

export const roiEstimateFlags = flagTable({
  'observe-source': {
    kind: 'choice',
    choices: ['file'],
    required: true,
    brief: 'Where the samples come from',
  },
  'observe-path': {
    kind: 'text',
    placeholder: 'FILE',
    required: true,
    brief: 'Samples, .jsonl or .csv',
  },
  ...outFlag,
});

export const roiReportFlags = flagTable({
  preflight: {
    kind: 'text',
    placeholder: 'FILE',
    default: 'report/preflight/preflight_latest.json',
    brief: 'Report of a preflight',
  },
  eval: {
    kind: 'text',
    placeholder: 'FILE',
    default: 'report/eval_k8s/eval_latest.json',
    brief: 'Report of an eval',
  },
  watch: {
    kind: 'text',
    placeholder: 'FILE',
    default: 'report/watch_k8s/watch_latest.json',
    brief: 'Roll-up of a watch',
  },
  ...outFlag,
});
