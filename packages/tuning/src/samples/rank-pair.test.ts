import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianOfColumn, quantileOfColumn } from './column-quantile.ts';
import { medianOf, quantileOf } from './quantile.ts';
import { rankPair } from './rank-pair.ts';
import { createSampleSeries } from './sample-series.ts';

const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: 100, max: 101, noNaN: true }),
);

describe('the numbers at a rank', () => {
  it('are those of the sorted order, however few may be held', () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 5 }),
        (values, at, most) => {
          const rank = at % values.length;
          const sorted = values.toSorted((a, b) => a - b);
          const [below, above] = rankPair((visit) => values.forEach(visit), rank, most);
          expect(below === sorted[rank]).toBe(true);
          expect(above === (sorted[rank + 1] ?? sorted[rank])).toBe(true);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe('the quantiles of a long column', () => {
  it.each([
    ['many different values', (row: number) => Math.sin(row) * 1e3],
    ['one value', () => 7],
    ['two values', (row: number) => row % 2],
    ['gaps', (row: number) => (row % 3 === 0 ? Number.NaN : row)],
  ])('are those of its copy: %s', (_, at) => {
    const series = createSampleSeries();
    for (let row = 0; row < 70_001; row += 1) series.addRow(row, 1, 0, 1, 1, at(row));
    expect(medianOfColumn(series, 'loss')).toBe(medianOf(series.values('loss')));
    for (const share of [0, 0.5, 0.95, 1])
      expect(quantileOfColumn(series, 'loss', share)).toBe(
        quantileOf(series.values('loss'), share),
      );
  });

  it('of nothing are not a number', () => {
    const series = createSampleSeries();
    for (let row = 0; row < 70_000; row += 1) series.addRow(row, 1, 0, 1, 1);
    expect(medianOfColumn(series, 'loss')).toBeNaN();
    expect(quantileOfColumn(series, 'loss', 0.5)).toBeNaN();
  });
});
