import { copyRow, createSampleSeries, quantileOf, type SampleSeries } from '@holdfast/tuning';

/** The samples of a series that are not older than `sinceMs`. */
export const since = (series: SampleSeries, sinceMs: number): SampleSeries => {
  const recent = createSampleSeries();
  series.each('timestamp_ms', (at, row) => {
    if (at >= sinceMs) copyRow(series, row, recent);
  });
  return recent;
};

/** What a window says about how fast a workload is. Null: nothing in it tells. */
export interface Pace {
  readonly step_time_ms: number | null;
  readonly throughput: number | null;
}

/** Median step time in ms, and the mean of the throughputs that are there: sources without one say 0. */
export const paceOf = (series: SampleSeries): Pace => {
  const median = quantileOf(series.values('latency_ms'), 0.5);
  const throughputs = [...series.values('throughput')].filter((value) => value > 0);
  const total = throughputs.reduce((sum, value) => sum + value, 0);
  return {
    step_time_ms: Number.isFinite(median) ? median : null,
    throughput: throughputs.length === 0 ? null : total / throughputs.length,
  };
};
