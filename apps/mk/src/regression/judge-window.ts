import { signalVerdict, type SignalVerdict } from '@holdfast/change';
import { copyRow, createSampleSeries, TUNING_SIGNALS, type SampleSeries } from '@holdfast/tuning';
import { sliceSamples } from './slice-samples.ts';

const rowsWhere = (series: SampleSeries, keep: (atMs: number) => boolean): SampleSeries => {
  const kept = createSampleSeries();
  series.each('timestamp_ms', (at, row) => {
    if (keep(at)) copyRow(series, row, kept);
  });
  return kept;
};

const knowsThroughput = (series: SampleSeries): boolean => {
  let known = false;
  series.each('throughput', (value) => {
    if (value > 0) known = true;
  });
  return known;
};

export interface WindowVerdict extends SignalVerdict {
  /** Samples of the window that were judged. */
  readonly sample_count: number;
}

/**
 * Holds the samples since an apply against those before it: the step time, and the throughput where it was known before.
 * What was not measured fails. `appliedMs`: when it was applied and rolled out, milliseconds since the epoch.
 */
export const judgeWindow = (
  before: SampleSeries,
  after: SampleSeries,
  appliedMs: number,
): WindowVerdict => {
  const baseline = rowsWhere(before, (at) => at < appliedMs);
  const watched = rowsWhere(after, (at) => at >= appliedMs);
  const signals = TUNING_SIGNALS.filter(
    ({ name }) => name === 'step_time_ms' || knowsThroughput(baseline),
  );
  return {
    ...signalVerdict(signals, sliceSamples(baseline), sliceSamples(watched)),
    sample_count: watched.length,
  };
};
