/** Puts the value that belongs at `rank` of the sorted order there, smaller ones before it, larger ones behind it. */
export const selectRank = (values: Float64Array, rank: number): number => {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left += 1;
      while (values[right]! > pivot) right -= 1;
      if (left <= right) {
        const swap = values[left]!;
        values[left] = values[right]!;
        values[right] = swap;
        left += 1;
        right -= 1;
      }
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
};

const leastFrom = (values: Float64Array, start: number): number => {
  let least = Infinity;
  for (let index = start; index < values.length; index += 1)
    if (values[index]! < least) least = values[index]!;
  return least;
};

/**
 * Quantile by linear interpolation between the two nearest ranks; NaN of nothing. `share` is 0..1. Reorders `values`,
 * which must hold no NaN: one pass on average instead of a sort.
 */
export const quantileOf = (values: Float64Array, share: number): number => {
  if (values.length === 0) return Number.NaN;
  const position = (values.length - 1) * share;
  const rank = Math.floor(position);
  const below = selectRank(values, rank);
  if (position === rank) return below;
  return below + (leastFrom(values, rank + 1) - below) * (position - rank);
};

/** Middle value, or the mean of the two middle ones; NaN of nothing. Reorders `values`. */
export const medianOf = (values: Float64Array): number => {
  const half = values.length >>> 1;
  if (values.length === 0) return Number.NaN;
  if (values.length % 2 === 1) return selectRank(values, half);
  const below = selectRank(values, half - 1);
  return (below + leastFrom(values, half)) / 2;
};
