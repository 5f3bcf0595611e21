import { flagTable } from '../frame/flag-spec.ts';

export const outFlag = flagTable({
  out: { kind: 'text', placeholder: 'DIR', default: 'report', brief: 'Folder of the artifacts' },
});

export const targetFlags = flagTable({
  'k8s-namespace': {
    kind: 'text',
    placeholder: 'NS',
    default: 'default',
    brief: 'Namespace of the workload',
  },
  'k8s-deployment': {
    kind: 'text',
    placeholder: 'NAME',
    default: 'trainer',
    brief: 'Name of the workload',
  },
});

export const planFlag = flagTable({
  plan: { kind: 'text', placeholder: 'FILE', required: true, brief: 'The plan, k8s_plan.json' },
});

export const licensePathFlag = flagTable({
  'license-path': { kind: 'text', placeholder: 'FILE', brief: 'Licence that allows the apply' },
});

export const standaloneFlag = flagTable({
  standalone: { kind: 'switch', brief: 'Apply past a running stack, not as a change of it' },
});

export const OBSERVE_SOURCES = [
  'synthetic',
  'file',
  'k8s',
  'k8s-logs',
  'stdout-jsonl',
  'prometheus',
  'otlp',
] as const;

export const metricFlags = flagTable({
  'prometheus-url': { kind: 'text', placeholder: 'URL', brief: 'Address of the Prometheus server' },
  metric: {
    kind: 'list',
    placeholder: 'COLUMN=METRIC',
    brief: 'Which metric, or query of Prometheus, is which column; latency_ms is needed',
  },
});
