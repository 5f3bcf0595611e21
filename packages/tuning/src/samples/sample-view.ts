import type { SampleColumn } from './sample.ts';
import type { SampleSeries } from './sample-series.ts';

/** What the detectors read of samples. */
export type SampleReader = Pick<SampleSeries, 'length' | 'each' | 'values' | 'hasWorkers'>;

/** Of a class, because views are made by the hundred thousand: an object with accessors of its own costs a shape of its own. */
class SampleView implements SampleReader {
  readonly #series: SampleSeries;
  readonly #from: number;
  readonly #rowAt: (at: number) => number;
  readonly length: number;

  constructor(series: SampleSeries, from: number, to: number, rowAt: (at: number) => number) {
    this.#series = series;
    this.#from = from;
    this.#rowAt = rowAt;
    this.length = to - from;
  }

  #value(column: SampleColumn, at: number): number | undefined {
    return this.#series.value(column, this.#rowAt(this.#from + at));
  }

  each(column: SampleColumn, visit: (value: number, row: number) => void): void {
    for (let at = 0; at < this.length; at += 1) {
      const value = this.#value(column, at);
      if (value !== undefined) visit(value, at);
    }
  }

  values(column: SampleColumn): Float64Array {
    const kept = new Float64Array(this.length);
    let count = 0;
    for (let at = 0; at < this.length; at += 1) {
      const value = this.#value(column, at);
      if (value !== undefined) kept[count++] = value;
    }
    return count === kept.length ? kept : kept.subarray(0, count);
  }

  #differs(column: SampleColumn): boolean {
    for (let at = 0; at < this.length; at += 1)
      if (this.#value(column, at) !== this.#value('latency_ms', at)) return true;
    return false;
  }

  get hasWorkers(): boolean {
    return (
      this.#series.hasWorkers && (this.#differs('worker_max') || this.#differs('worker_median'))
    );
  }
}

const asTheyLie = (at: number): number => at;

/** Rows `from` to `to`, without the last, of a series in the order that `rowAt` gives them. Nothing is copied. */
export const viewRows = (
  series: SampleSeries,
  from: number,
  to: number,
  rowAt: (at: number) => number = asTheyLie,
): SampleReader => new SampleView(series, from, to, rowAt);
