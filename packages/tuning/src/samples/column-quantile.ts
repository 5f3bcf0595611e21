import { medianOf, quantileOf } from './quantile.ts';
import { rankPair } from './rank-pair.ts';
import type { SampleColumn } from './sample.ts';
import type { SampleReader } from './sample-view.ts';

/** Columns of so many rows are copied and reordered, which is quicker; more are counted where they lie. */
const COPIED_ROWS = 1 << 16;

const pairOf = (
  series: SampleReader,
  column: SampleColumn,
  share: number,
): { readonly pair: readonly [number, number]; readonly position: number } => {
  let count = 0;
  series.each(column, () => {
    count += 1;
  });
  const position = (count - 1) * share;
  const pair: readonly [number, number] =
    count === 0
      ? [Number.NaN, Number.NaN]
      : rankPair((visit) => series.each(column, visit), Math.floor(position));
  return { pair, position };
};

/** `quantileOf` the values of a column, whatever its length, without a copy of a long one. */
export const quantileOfColumn = (
  series: SampleReader,
  column: SampleColumn,
  share: number,
): number => {
  if (series.length <= COPIED_ROWS) return quantileOf(series.values(column), share);
  const { pair, position } = pairOf(series, column, share);
  const [below, above] = pair;
  const part = position - Math.floor(position);
  return part === 0 ? below : below + (above - below) * part;
};

/** `medianOf` the values of a column, in the same way. */
export const medianOfColumn = (series: SampleReader, column: SampleColumn): number => {
  if (series.length <= COPIED_ROWS) return medianOf(series.values(column));
  const { pair, position } = pairOf(series, column, 0.5);
  const [below, above] = pair;
  return Number.isInteger(position) ? below : (below + above) / 2;
};
