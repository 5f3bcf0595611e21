import type { SampleSeries } from '../samples/sample-series.ts';
import { activeSignals, type Signals } from './detect-signals.ts';

/** How far the evidence of a window carries. Weak evidence says so; it does not silence proposals. */
export interface Assessment {
  assessment_result_class: 'signal_found' | 'no_actionable_signal' | 'insufficient_evidence';
  coverage_ok: boolean;
  sample_count: number;
  window_s: number;
  sources_seen: string[];
  evidence_quality: 'high' | 'medium' | 'low';
  insufficient_evidence_reasons: string[];
  signal_count: number;
  actionable_proposal_count: number;
}

/** `metrics`: a metrics server, or metrics that a collector wrote down. */
export type SourceKind = 'synthetic' | 'file' | 'k8s' | 'metrics';

export interface AssessInputs {
  readonly series: SampleSeries;
  readonly signals: Signals;
  readonly window_s: number;
  readonly source: SourceKind;
  readonly actionable_proposal_count: number;
}

const LEAST_SAMPLES = 3;
const GOOD_SAMPLES = 12;
const GOOD_WINDOW_S = 60;

const hasAny = (series: SampleSeries, column: 'gpu_util_pct' | 'gpu_mem_util_pct'): boolean => {
  let found = false;
  series.each(column, () => {
    found = true;
  });
  return found;
};

const sourcesOf = ({ series, source }: AssessInputs): string[] => {
  const gpuSeen =
    series.gpuModels.length > 0 ||
    hasAny(series, 'gpu_util_pct') ||
    hasAny(series, 'gpu_mem_util_pct');
  return [
    'metrics_window',
    `${source}_telemetry`,
    ...(source === 'k8s' ? ['kube_object_context'] : []),
    ...(gpuSeen ? ['gpu_telemetry_allocation'] : []),
  ].sort();
};

export const assess = (inputs: AssessInputs): Assessment => {
  const { series, signals, window_s: window } = inputs;
  const reasons = [
    ...(window > 0 ? [] : ['missing_metrics_window']),
    ...(series.length < LEAST_SAMPLES ? ['sample_count_too_low'] : []),
  ];
  const covered = reasons.length === 0;
  const signalCount = activeSignals(signals).length;
  const good = series.length >= GOOD_SAMPLES && window >= GOOD_WINDOW_S;
  return {
    assessment_result_class: !covered
      ? 'insufficient_evidence'
      : signalCount > 0
        ? 'signal_found'
        : 'no_actionable_signal',
    coverage_ok: covered,
    sample_count: series.length,
    window_s: window,
    sources_seen: sourcesOf(inputs),
    evidence_quality: !covered ? 'low' : good ? 'high' : 'medium',
    insufficient_evidence_reasons: reasons,
    signal_count: signalCount,
    actionable_proposal_count: inputs.actionable_proposal_count,
  };
};
