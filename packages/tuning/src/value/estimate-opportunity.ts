import type { SampleSeries } from '../samples/sample-series.ts';
import { activeSignals, type Signals } from '../signals/detect-signals.ts';
import { round6 } from './round.ts';

/** Share of the window that one signal is taken to cost, and the most that all of them are. */
const FRACTION_PER_SIGNAL = 0.05;
const MAX_FRACTION = 0.3;

export interface ValueInputs {
  readonly series: SampleSeries;
  readonly signals: Signals;
  readonly window_s: number;
  /** US dollars for one GPU and hour, and GPUs of the job; undefined where nobody said. */
  readonly gpu_hour_usd?: number;
  readonly gpu_count?: number;
}

export interface Opportunity {
  opportunity_hours_est: number;
  opportunity_tokens_est: number;
  opportunity_usd_est: number;
  opportunity_assumptions: Record<string, unknown>;
}

/** Mean of the samples that have any throughput, 0 without them. */
const meanThroughput = (series: SampleSeries): number => {
  let total = 0;
  let count = 0;
  series.each('throughput', (value) => {
    if (value <= 0) return;
    total += value;
    count += 1;
  });
  return count === 0 ? 0 : total / count;
};

/** What the incident of a window may have cost: a rule of thumb whose assumptions travel with it. 6 decimals. */
export const estimateOpportunity = (inputs: ValueInputs): Opportunity => {
  const { window_s: window, gpu_hour_usd: usd = 0, gpu_count: gpus = 0 } = inputs;
  const active = activeSignals(inputs.signals);
  const fraction = Math.min(MAX_FRACTION, FRACTION_PER_SIGNAL * active.length);
  const perSecond = meanThroughput(inputs.series);
  const hours = (window / 3600) * fraction;
  return {
    opportunity_hours_est: round6(hours),
    opportunity_tokens_est: round6(perSecond * window * fraction),
    opportunity_usd_est: round6(hours * usd * gpus),
    opportunity_assumptions: {
      model: 'heuristic_v1',
      active_signals: active,
      baseline_window_s: window,
      opportunity_fraction: round6(fraction),
      throughput_avg_per_s: round6(perSecond),
      throughput_unit: 'tokens per second (taken for granted)',
      gpu_hour_usd: usd,
      gpu_count: gpus,
      formulas: {
        opportunity_hours_est: 'opportunity_fraction * baseline_window_s / 3600',
        opportunity_tokens_est: 'opportunity_fraction * baseline_window_s * throughput_avg_per_s',
        opportunity_usd_est: 'opportunity_hours_est * gpu_count * gpu_hour_usd',
      },
      notes: 'a source without throughput counts as 0 tokens',
    },
  };
};
