import { viewRows, type SampleReader, type SampleSeries } from '@holdfast/tuning';

/** One window of a series; `start_ms` is the time at which it begins. */
export interface Window {
  readonly start_ms: number;
  readonly series: SampleReader;
}

type IndexOf = (timestampMs: number) => number;

/** The rows in the order of their windows, those of one window in the order in which they came; undefined: they lie so. */
const rowsByWindow = (series: SampleSeries, indexOf: IndexOf): Uint32Array | undefined => {
  let isInOrder = true;
  let last = -Infinity;
  series.each('timestamp_ms', (at) => {
    const index = indexOf(at);
    if (index < last) isInOrder = false;
    last = index;
  });
  if (isInOrder) return undefined;
  const indexes = series.values('timestamp_ms').map(indexOf);
  const rows = Uint32Array.from(indexes, (_, row) => row);
  return rows.sort((a, b) => indexes[a]! - indexes[b]! || a - b);
};

/**
 * Cuts a series into windows of `windowMs` from its earliest sample on, one after the other. Windows without samples are left
 * out, and no sample is copied.
 */
export function* splitWindows(series: SampleSeries, windowMs: number): Generator<Window> {
  let first = Infinity;
  series.each('timestamp_ms', (at) => {
    if (at < first) first = at;
  });
  const indexOf: IndexOf = (at) => Math.floor((at - first) / windowMs);
  const rows = rowsByWindow(series, indexOf);
  const rowAt = (at: number): number => rows?.[at] ?? at;
  const indexAt = (at: number): number => indexOf(series.value('timestamp_ms', rowAt(at)) ?? 0);
  for (let from = 0; from < series.length;) {
    const index = indexAt(from);
    let to = from + 1;
    while (to < series.length && indexAt(to) === index) to += 1;
    yield { start_ms: first + index * windowMs, series: viewRows(series, from, to, rowAt) };
    from = to;
  }
}
