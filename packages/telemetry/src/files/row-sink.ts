import { createSampleSeries, type SampleSeries } from '@holdfast/tuning';
import type { ObserveIngest } from '../observed.ts';
import { createRow, readRow } from '../rows/read-row.ts';
import { createRowSlots, type RowSlots } from '../rows/row-slots.ts';

export type DropReason = 'invalid_json' | 'invalid_shape' | 'missing_fields';

/** Where the readers of files put rows: the series so far, and the count of what was read and dropped. */
export interface RowSink {
  readonly slots: RowSlots;
  readonly series: SampleSeries;
  readonly ingest: ObserveIngest;
  /** Adds the row that stands in the slots, or drops it when a required field is missing. A file tells no throughput. */
  addRow(): void;
  drop(reason: DropReason): void;
}

export const createRowSink = (): RowSink => {
  const slots = createRowSlots();
  const row = createRow();
  const series = createSampleSeries();
  const ingest: ObserveIngest = {
    rows_read: 0,
    dropped_total: 0,
    dropped_invalid_json: 0,
    dropped_invalid_shape: 0,
    dropped_missing_fields: 0,
  };
  const drop = (reason: DropReason) => {
    ingest.dropped_total += 1;
    ingest[`dropped_${reason}`] += 1;
  };
  const addRow = () => {
    if (!readRow(slots, row)) {
      drop('missing_fields');
      return;
    }
    series.addRow(
      row.timestampMs,
      row.latencyMs,
      0,
      row.workerMax,
      row.workerMedian,
      row.loss,
      row.gpuUtilPct,
      row.gpuMemUtilPct,
      row.step,
      row.node,
      row.gpuModel,
    );
  };
  return { slots, series, ingest, addRow, drop };
};
