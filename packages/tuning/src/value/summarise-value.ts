import { quantileOfColumn } from '../samples/column-quantile.ts';
import { estimateOpportunity, type ValueInputs } from './estimate-opportunity.ts';
import { round6 } from './round.ts';

/** Aggregates only; on the wire as `value_summary`. Step times in milliseconds. */
export interface ValueSummary {
  schema_version: 'value_summary.v0';
  opportunity_hours_est: number;
  throughput: { step_time_ms_p50: number | null; step_time_ms_p95: number | null };
  cost_model: {
    schema_version: 'cost_model.v0';
    usd_per_gpu_hour: number | null;
    gpus_per_job: number | null;
  };
  value_estimates: { gpu_hours_leak_est: number; usd_leak_est: number | null };
  assumptions: string[];
}

const assumptionsOf = ({ gpu_hour_usd, gpu_count }: ValueInputs): string[] =>
  [
    'aggregates only: no single observation is part of this summary',
    'gpu_hours_leak_est = opportunity_hours_est * gpus_per_job, at least 1',
    'step time quantiles are those of the latency of the samples',
    'usd_leak_est = gpu_hours_leak_est * usd_per_gpu_hour',
    ...(gpu_count === undefined ? ['gpus_per_job is not set: 1 is assumed'] : []),
    ...(gpu_hour_usd === undefined ? ['usd_per_gpu_hour is not set: usd_leak_est is null'] : []),
  ].sort();

export const summariseValue = (inputs: ValueInputs): ValueSummary => {
  const { gpu_hour_usd: usd, gpu_count: gpus } = inputs;
  const quantile = (share: number): number | null =>
    inputs.series.length === 0
      ? null
      : round6(quantileOfColumn(inputs.series, 'latency_ms', share));
  const hours = estimateOpportunity(inputs).opportunity_hours_est;
  const gpuHours = round6(hours * Math.max(gpus ?? 1, 1));
  return {
    schema_version: 'value_summary.v0',
    opportunity_hours_est: hours,
    throughput: { step_time_ms_p50: quantile(0.5), step_time_ms_p95: quantile(0.95) },
    cost_model: {
      schema_version: 'cost_model.v0',
      usd_per_gpu_hour: usd ?? null,
      gpus_per_job: gpus ?? null,
    },
    value_estimates: {
      gpu_hours_leak_est: gpuHours,
      usd_leak_est: usd === undefined ? null : round6(gpuHours * usd),
    },
    assumptions: assumptionsOf(inputs),
  };
};
