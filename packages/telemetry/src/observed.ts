import type { SampleSeries } from '@holdfast/tuning';

/** What a file source read and what it left out; the names are those of the reports. */
export interface ObserveIngest {
  /** Lines of a `.jsonl` file, blank ones included; records of a `.csv` file. */
  rows_read: number;
  dropped_total: number;
  dropped_invalid_json: number;
  dropped_invalid_shape: number;
  dropped_missing_fields: number;
}

/** A raw recording: where it lies, and why it is incomplete when it is. A failed recording never stops an observation. */
export interface RecordResult {
  path: string;
  lines_written: number;
  /** `unsupported_source`, or a line of text. */
  error?: string;
}

/** What one source showed. */
export interface Observed {
  series: SampleSeries;
  /** Seconds between the earliest and the latest sample; 0 with fewer than two. */
  window_s: number;
  ingest?: ObserveIngest;
  /** Why the source ended early or gave nothing, where that is no error of the caller. */
  error?: string;
  record?: RecordResult;
}

/** Seconds between the earliest and the latest sample of a series. */
export const windowOf = (series: SampleSeries): number => {
  let first = Infinity;
  let last = -Infinity;
  series.each('timestamp_ms', (at) => {
    if (at < first) first = at;
    if (at > last) last = at;
  });
  return last > first ? (last - first) / 1000 : 0;
};
