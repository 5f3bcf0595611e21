import { copyRow, createSampleSeries, type SampleSeries } from '@holdfast/tuning';

/** One window of a series; `start_ms` is the time at which it begins. */
export interface Window {
  readonly start_ms: number;
  readonly series: SampleSeries;
}

/** The rows in the order of their windows, those of one window in the order in which they came. */
const rowsByWindow = (indexOf: Float64Array): Uint32Array => {
  const rows = Uint32Array.from(indexOf, (_, row) => row);
  const isInOrder = indexOf.every((index, row) => row === 0 || index >= indexOf[row - 1]!);
  return isInOrder ? rows : rows.sort((a, b) => indexOf[a]! - indexOf[b]! || a - b);
};

/**
 * Cuts a series into windows of `windowMs` from its earliest sample on, one after the other, so that only one of them is
 * held. Windows without samples are left out.
 */
export function* splitWindows(series: SampleSeries, windowMs: number): Generator<Window> {
  let first = Infinity;
  series.each('timestamp_ms', (at) => {
    first = Math.min(first, at);
  });
  const indexOf = new Float64Array(series.length);
  series.each('timestamp_ms', (at, row) => {
    indexOf[row] = Math.floor((at - first) / windowMs);
  });
  const rows = rowsByWindow(indexOf);
  for (let at = 0; at < rows.length;) {
    const index = indexOf[rows[at]!]!;
    const window = createSampleSeries();
    for (; at < rows.length && indexOf[rows[at]!] === index; at += 1)
      copyRow(series, rows[at]!, window);
    yield { start_ms: first + index * windowMs, series: window };
  }
}
