import type { SignalSample } from '@holdfast/contracts';
import { medianOf, type SampleSeries } from '@holdfast/tuning';

/** A window is held against another in at most so many slices. */
const MAX_SLICES = 60;

/** The middle of the throughputs that are known; sources without one say 0. */
const throughputOf = (series: SampleSeries, from: number, to: number): number | null => {
  const known: number[] = [];
  for (let row = from; row < to; row += 1) {
    const value = series.value('throughput', row) ?? 0;
    if (value > 0) known.push(value);
  }
  return known.length === 0 ? null : medianOf(Float64Array.from(known));
};

const stepTimeOf = (series: SampleSeries, from: number, to: number): number | null => {
  const known: number[] = [];
  for (let row = from; row < to; row += 1) {
    const value = series.value('latency_ms', row);
    if (value !== undefined) known.push(value);
  }
  return known.length === 0 ? null : medianOf(Float64Array.from(known));
};

/**
 * A series as samples of signals: slices of neighbouring rows in their order, each with the median step time in ms and the
 * median throughput; a slice of one row where there are few. Null: not measured in this slice.
 */
export const sliceSamples = (series: SampleSeries): SignalSample[] => {
  const { length } = series;
  const count = Math.min(MAX_SLICES, length);
  return Array.from({ length: count }, (_, slice) => {
    const from = Math.floor((slice * length) / count);
    const to = Math.floor(((slice + 1) * length) / count);
    return {
      at: new Date(series.value('timestamp_ms', from) ?? 0).toISOString(),
      values: {
        step_time_ms: stepTimeOf(series, from, to),
        throughput: throughputOf(series, from, to),
      },
    };
  });
};
