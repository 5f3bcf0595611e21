import { flagTable } from '../frame/flag-spec.ts';
import {
  licensePathFlag,
  metricFlags,
  OBSERVE_SOURCES,
  outFlag,
  planFlag,
  standaloneFlag,
  targetFlags,
} from './shared-flags.ts';

export const planOutFlags = flagTable({ ...planFlag, ...outFlag });

export const applyFlags = flagTable({
  ...planFlag,
  ...outFlag,
  force: { kind: 'switch', brief: 'Reserved: changes nothing, and is written into the report' },
  ...licensePathFlag,
  ...standaloneFlag,
});

export const preflightFlags = flagTable({ ...targetFlags, ...outFlag });

export const observeFlags = flagTable({
  ...outFlag,
  duration: { kind: 'duration', default: '10m', brief: 'Window that is observed' },
  source: {
    kind: 'choice',
    choices: OBSERVE_SOURCES,
    default: 'synthetic',
    brief: 'Where the samples come from',
  },
  path: { kind: 'text', placeholder: 'FILE', brief: 'Samples, .jsonl or .csv' },
  ...metricFlags,
  'record-raw': { kind: 'text', placeholder: 'FILE', brief: 'Keep the raw lines here' },
  ...targetFlags,
  'k8s-pod': { kind: 'text', placeholder: 'NAME', brief: 'Read this pod only' },
  container: {
    kind: 'text',
    placeholder: 'NAME',
    default: 'auto',
    brief: 'Container whose log is read',
  },
});

export const rollbackFlags = flagTable({
  plan: {
    kind: 'text',
    placeholder: 'FILE',
    required: true,
    brief: 'The rollback plan, rollback_plan_latest.json',
  },
  ...outFlag,
  ...licensePathFlag,
  ...standaloneFlag,
});
