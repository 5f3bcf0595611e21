import type { TelemetrySource, TunedWorkload, WorkloadObservation } from '@holdfast/contracts';
import { state, table } from '../output.ts';

const placeOf = ({ ref, context }: TunedWorkload): string =>
  `${ref.kind} ${ref.namespace}/${ref.name}${context === null ? '' : ` in ${context}`}`;

const sourceWords = (source: TelemetrySource): string => {
  if ('file' in source) return `the file ${source.file.path}`;
  if ('prometheus' in source) return `Prometheus at ${source.prometheus.url}`;
  const { container } = source.pod_logs;
  return container === null ? 'pod logs' : `the log of the container ${container}`;
};

export const workloadTable = (workloads: readonly TunedWorkload[]): string =>
  workloads.length === 0
    ? 'no workload is registered'
    : table(
        ['WORKLOAD', 'OBJECT', 'MODE', 'OBSERVED', 'LAST CHANGE'],
        workloads.map((one) => [
          one.id,
          placeOf(one),
          one.mode,
          one.observed_at ?? '-',
          one.change ?? '-',
        ]),
      );

const limitWords = (workload: TunedWorkload): string => {
  const { cooldown_s, max_delta_per_step, approve_advanced } = workload;
  return [
    cooldown_s === 0 ? 'cool-downs of the chords' : `at least ${cooldown_s} s between two changes`,
    max_delta_per_step === 0 ? 'no limit for one step' : `at most ${max_delta_per_step} in a step`,
    approve_advanced ? 'advanced chords too' : 'no advanced chords',
  ].join(', ');
};

/** One workload: where it runs, what it is measured by, how it may be tuned. */
export const workloadWords = (workload: TunedWorkload): string =>
  [
    `${workload.id}: ${placeOf(workload)}`,
    `  mode ${workload.mode}, policy ${workload.policy}, measured by ${sourceWords(workload.source)}`,
    `  limits: ${limitWords(workload)}`,
    `  registered by ${workload.registered_by} at ${workload.registered_at}`,
    ...(workload.observed_at === null ? [] : [`  observed at ${workload.observed_at}`]),
    ...(workload.change === null ? [] : [`  last change ${workload.change}`]),
  ].join('\n');

type Seen = Pick<WorkloadObservation, 'signals' | 'distress' | 'assessment'>;

/** Signals that call for something, by name; that there are none is said only of what could be seen. */
const seenWords = ({ signals, distress, assessment }: Seen): string => {
  const { notes: _notes, stable: _stable, ...flags } = signals;
  const on = Object.entries({ ...flags, ...distress }).filter(([, is]) => is);
  if (on.length > 0) return on.map(([name]) => name).join(', ');
  return assessment.assessment_result_class === 'insufficient_evidence'
    ? 'too little to tell'
    : 'nothing out of the ordinary';
};

const rounded = (value: number | null, unit: string): string =>
  value === null ? '-' : `${Math.round(value * 10) / 10}${unit}`;

const actionWords = ({ knob, target, chord }: WorkloadObservation['allowed'][number]): string =>
  `${knob} to ${target}${chord === '' ? '' : ` under ${chord}`}`;

/** What one look saw, and what it led to. */
export const observationWords = (seen: WorkloadObservation): string =>
  [
    `${seen.workload} at ${seen.at}: ${seenWords(seen)}`,
    `  ${seen.assessment.sample_count} samples in ${seen.window_s} s, step time ${rounded(seen.values.step_time_ms, ' ms')}, throughput ${rounded(seen.values.throughput, '')}`,
    `  knobs ${
      Object.entries(seen.knobs)
        .map(([knob, value]) => `${knob}=${value}`)
        .join(', ') || 'none'
    }`,
    ...seen.allowed.map((action) => `  allowed: ${actionWords(action)}`),
    ...seen.blocked.map(
      ({ action, reason }) => `  ${state('blocked')}: ${actionWords(action)} (${reason})`,
    ),
    ...(seen.problem === null ? [] : [`  ${state('failed')}: ${seen.problem}`]),
    ...(seen.change === null ? [] : [`  change ${seen.change}`]),
    ...(seen.note === null ? [] : [`  ${seen.note}`]),
  ].join('\n');

export const observationTable = (seen: readonly WorkloadObservation[]): string =>
  seen.length === 0
    ? 'nothing was seen yet'
    : table(
        ['AT', 'SEEN', 'STEP TIME', 'THROUGHPUT', 'CHANGE', 'WHY NOT'],
        seen.map((one) => [
          one.at,
          one.problem === null ? seenWords(one) : state('failed'),
          rounded(one.values.step_time_ms, ' ms'),
          rounded(one.values.throughput, ''),
          one.change ?? '-',
          one.problem ?? one.note ?? '',
        ]),
      );
