import type { SampleColumn } from './sample.ts';
import type { SampleSeries } from './sample-series.ts';

/** Adds one row of a series to another. */
export const copyRow = (from: SampleSeries, row: number, to: SampleSeries): void => {
  const value = (column: SampleColumn): number => from.value(column, row) ?? Number.NaN;
  to.addRow(
    value('timestamp_ms'),
    value('latency_ms'),
    value('throughput'),
    value('worker_max'),
    value('worker_median'),
    value('loss'),
    value('gpu_util_pct'),
    value('gpu_mem_util_pct'),
    value('step'),
    from.node(row),
    from.gpuModel(row),
  );
};
