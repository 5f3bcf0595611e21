import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianOf, quantileOf } from './quantile.ts';

const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 });

const sortedQuantile = (sorted: readonly number[], share: number): number => {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
};

describe('quantiles', () => {
  it('are those of the sorted values', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const sorted = [...list].sort((a, b) => a - b);
        expect(quantileOf(Float64Array.from(list), share)).toBeCloseTo(
          sortedQuantile(sorted, share),
          9,
        );
        expect(medianOf(Float64Array.from(list))).toBe(sortedQuantile(sorted, 0.5));
      }),
    );
  });

  it('of nothing are not a number', () => {
    expect(quantileOf(new Float64Array(0), 0.5)).toBeNaN();
    expect(medianOf(new Float64Array(0))).toBeNaN();
  });

  it('stay fast on equal, ascending and descending values', () => {
    for (const at of [() => 7, (row: number) => row, (row: number) => -row]) {
      const list = Float64Array.from({ length: 200_000 }, (_, row) => at(row));
      expect(medianOf(list)).toBeCloseTo((at(99_999) + at(100_000)) / 2, 9);
    }
  });
});
