import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_ROWS } from './column.ts';
import { createSampleSeries, type SampleSeries } from './sample-series.ts';
import type { Sample } from './sample.ts';

const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const sample: fc.Arbitrary<Sample> = fc.record({
  timestamp_ms: number,
  latency_ms: number,
  throughput: number,
  loss: maybe(number),
  step: maybe(fc.nat()),
  node: maybe(fc.constantFrom('a', 'b', '')),
  gpu_model: maybe(fc.constantFrom('x', 'y')),
  gpu_util_pct: maybe(number),
  gpu_mem_util_pct: maybe(number),
  worker_latencies_ms: fc.array(number, { maxLength: 5 }),
});

/** What a log with -0 gives. */
const MINUS_ZERO: Sample = {
  timestamp_ms: 0,
  latency_ms: -0,
  throughput: -0,
  worker_latencies_ms: [-0],
};

const medianOfSorted = (sorted: readonly number[]): number => {
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** A zero has one sign here. */
const plain = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value + 0;

describe('a sample series', () => {
  it('gives back every value that was added, and nothing for what was not', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), (samples) => {
        const series = createSampleSeries();
        for (const one of samples) series.add(one);
        expect(series.length).toBe(samples.length);
        for (const [row, one] of samples.entries()) {
          for (const column of ['timestamp_ms', 'latency_ms', 'loss', 'step'] as const)
            expect(plain(series.value(column, row))).toBe(plain(one[column]));
          for (const column of ['gpu_util_pct', 'gpu_mem_util_pct'] as const)
            expect(plain(series.value(column, row))).toBe(plain(one[column]));
          expect(plain(series.value('throughput', row))).toBe(plain(one.throughput));
          const sorted = [...one.worker_latencies_ms].sort((a, b) => a - b);
          const [max, median] =
            sorted.length === 0
              ? [one.latency_ms, one.latency_ms]
              : [sorted.at(-1)!, medianOfSorted(sorted)];
          expect(plain(series.value('worker_max', row))).toBe(plain(max));
          expect(plain(series.value('worker_median', row))).toBe(plain(median));
          expect(series.node(row)).toBe(one.node);
          expect(series.gpuModel(row)).toBe(one.gpu_model);
        }
        const nodes = samples.flatMap(({ node }) => (node === undefined ? [] : [node]));
        expect(series.nodes).toEqual([...new Set(nodes)].sort());
      }),
      { examples: [[[MINUS_ZERO]]] },
    );
  });

  it('knows nothing of rows that it does not have', () => {
    const series = createSampleSeries();
    series.addRow(1, 2, 3, 4, 5);
    for (const row of [-1, 1, CHUNK_ROWS, Number.NaN, 0.5 + CHUNK_ROWS])
      expect(series.value('latency_ms', row)).toBeUndefined();
  });

  it('takes a column up in the middle of a chunk and over the border of one', () => {
    const series = createSampleSeries();
    for (let row = 0; row < CHUNK_ROWS + 2; row += 1)
      series.addRow(row, 1, 0, 1, 1, row === 5 || row > CHUNK_ROWS ? row : undefined);
    expect([...series.values('loss')]).toEqual([5, CHUNK_ROWS + 1]);
    expect(series.value('loss', 4)).toBeUndefined();
    expect(series.value('timestamp_ms', CHUNK_ROWS)).toBe(CHUNK_ROWS);
  });

  it('keeps names beyond those that a byte counts, in a chunk that is begun', () => {
    const series = createSampleSeries();
    const nameOf = (row: number): string => `node-${row % 300}`;
    for (let row = 0; row < 3_000; row += 1)
      series.addRow(row, 1, 0, 1, 1, 1, 1, 1, row, nameOf(row));
    for (let row = 0; row < 3_000; row += 1) expect(series.node(row)).toBe(nameOf(row));
  });

  // Held, so that the memory of one run cannot be freed during the next.
  const kept: SampleSeries[] = [];
  it.each([
    ['few decimals', 40_000_000, (row: number) => row / 8],
    ['all digits', 64_000_000, (row: number) => Math.sqrt(row)],
  ])('holds a million samples with GPU and workers of %s in less than %i bytes', (_, most, of) => {
    const before = process.memoryUsage().arrayBuffers;
    const series = createSampleSeries();
    kept.push(series);
    for (let row = 0; row < 1_000_000; row += 1)
      series.addRow(row, of(row), 0, of(row + 2), of(row + 1), of(row), row % 97, 50, row, 'a');
    const taken = process.memoryUsage().arrayBuffers - before;
    expect(series.value('loss', 999_999)).toBe(of(999_999));
    expect(series.value('worker_max', 123_456)).toBe(of(123_458));
    expect(taken).toBeGreaterThan(most / 3);
    expect(taken).toBeLessThan(most);
  });
});
