import { flagTable } from '../frame/flag-spec.ts';
import {
  licensePathFlag,
  metricFlags,
  OBSERVE_SOURCES,
  outFlag,
  standaloneFlag,
  targetFlags,
} from './shared-flags.ts';

const engineFlags = flagTable({
  ...targetFlags,
  'k8s-kind': {
    kind: 'choice',
    choices: ['Deployment', 'StatefulSet', 'Job', 'PyTorchJob', 'RayCluster'],
    default: 'Deployment',
    brief: 'Kind of the workload',
  },
  'observe-source': {
    kind: 'choice',
    choices: OBSERVE_SOURCES,
    default: 'synthetic',
    brief: 'Where the samples come from',
  },
  'observe-path': { kind: 'text', placeholder: 'FILE', brief: 'Samples, .jsonl or .csv' },
  ...metricFlags,
  'observe-record-raw': { kind: 'text', placeholder: 'FILE', brief: 'Keep the raw lines here' },
  'observe-duration': { kind: 'duration', default: '60s', brief: 'Window that is observed' },
  'observe-container': {
    kind: 'text',
    placeholder: 'NAME',
    default: 'auto',
    brief: 'Container whose log is read',
  },
  policy: {
    kind: 'choice',
    choices: ['chord', 'scalar'],
    default: 'chord',
    brief: 'How actions are proposed',
  },
  'cooldown-s': {
    kind: 'number',
    min: 0,
    max: 1e9,
    default: 30,
    brief: 'Seconds between two applies of one chord',
  },
  'max-delta-per-step': {
    kind: 'number',
    min: 0,
    max: 1e9,
    default: 0,
    brief: 'Most that a knob moves in one apply, 0 for any',
  },
  'watch-window': {
    kind: 'duration',
    default: '60s',
    brief: 'Time observed after an apply, which is taken back where steps got slower; 0 for never',
  },
  'rollout-timeout': {
    kind: 'duration',
    default: '10m',
    brief: 'Time that the rollout of an apply may take before that window begins',
  },
  'approve-advanced': { kind: 'switch', brief: 'Allow chords of the advanced tier' },
  ...licensePathFlag,
  ...standaloneFlag,
  'dry-run': { kind: 'switch', brief: 'Plan only, which is what happens without --apply' },
  apply: { kind: 'switch', brief: 'Verify and apply what the gate allows' },
});

export const runFlags = flagTable({
  ...outFlag,
  scenario: {
    kind: 'text',
    placeholder: 'NAME',
    default: 'drift',
    brief: 'Scenario of the synthetic source',
  },
  ...engineFlags,
});

export const watchFlags = flagTable({
  out: { kind: 'text', placeholder: 'DIR', required: true, brief: 'Folder of the session' },
  scenario: {
    kind: 'text',
    placeholder: 'NAME',
    required: true,
    brief: 'Scenario of the synthetic source',
  },
  interval: { kind: 'duration', default: '30s', brief: 'Pause between two iterations' },
  'max-iterations': { kind: 'number', whole: true, min: 1, brief: 'Stop after so many iterations' },
  iterations: {
    kind: 'number',
    whole: true,
    min: 1,
    brief: 'The same; --max-iterations goes before it',
  },
  'keep-iterations': {
    kind: 'number',
    whole: true,
    min: 1,
    default: 1000,
    brief: 'Folders of the latest iterations that stay',
  },
  ...engineFlags,
});
