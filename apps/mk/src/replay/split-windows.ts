import { createSampleSeries, type SampleColumn, type SampleSeries } from '@holdfast/tuning';

/** One window of a series; `start_ms` is the time at which it begins. */
export interface Window {
  readonly start_ms: number;
  readonly series: SampleSeries;
}

/** Cuts a series into windows of `windowMs` from its earliest sample on. Windows without samples are left out. */
export const splitWindows = (series: SampleSeries, windowMs: number): Window[] => {
  let first = Infinity;
  series.each('timestamp_ms', (at) => {
    first = Math.min(first, at);
  });
  const windows = new Map<number, SampleSeries>();
  const at = (column: SampleColumn, row: number): number => series.value(column, row) ?? Number.NaN;
  for (let row = 0; row < series.length; row += 1) {
    const time = at('timestamp_ms', row);
    const index = Math.floor((time - first) / windowMs);
    const window = windows.get(index) ?? createSampleSeries();
    windows.set(index, window);
    window.addRow(
      time,
      at('latency_ms', row),
      at('throughput', row),
      at('worker_max', row),
      at('worker_median', row),
      at('loss', row),
      at('gpu_util_pct', row),
      at('gpu_mem_util_pct', row),
      at('step', row),
      series.node(row),
      series.gpuModel(row),
    );
  }
  return [...windows]
    .toSorted(([a], [b]) => a - b)
    .map(([index, window]) => ({ start_ms: first + index * windowMs, series: window }));
};
