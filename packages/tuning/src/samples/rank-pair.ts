import { selectRank } from './quantile.ts';

/** Calls back with each number, every time in the same order. */
export type EachNumber = (visit: (value: number) => void) => void;

const QUARTERS = 4;
const BUCKETS = 1 << 16;

/** The bits of a double as four numbers of 16 bits, most significant first, whose order is that of the doubles. */
const createKeyReader = (): ((value: number, quarter: number) => number) => {
  const view = new DataView(new ArrayBuffer(8));
  return (value, quarter) => {
    view.setFloat64(0, value);
    const bits = view.getUint16(quarter * 2);
    const isNegative = view.getInt8(0) < 0;
    if (isNegative) return bits ^ 0xffff;
    return quarter === 0 ? bits | 0x8000 : bits;
  };
};

/**
 * The number at `rank` of the sorted order. Counts by 16 bits at a time until at most `most` numbers are left, which alone
 * are held: a million numbers need no copy of a million.
 */
const numberAt = (each: EachNumber, wanted: number, most: number): number => {
  const keyOf = createKeyReader();
  const prefix: number[] = [];
  const isWithin = (value: number): boolean => {
    for (let quarter = 0; quarter < prefix.length; quarter += 1)
      if (keyOf(value, quarter) !== prefix[quarter]) return false;
    return true;
  };
  let rank = wanted;
  let left = Infinity;
  while (left > most && prefix.length < QUARTERS) {
    const counts = new Uint32Array(BUCKETS);
    each((value) => {
      if (isWithin(value)) counts[keyOf(value, prefix.length)]! += 1;
    });
    let bucket = 0;
    for (; rank >= counts[bucket]!; bucket += 1) rank -= counts[bucket]!;
    left = counts[bucket]!;
    prefix.push(bucket);
  }
  const held = new Float64Array(Math.min(left, most));
  let count = 0;
  each((value) => {
    if (count < held.length && isWithin(value)) held[count++] = value;
  });
  // More than `most` are left only where all of them are the same number.
  return selectRank(held, Math.min(rank, held.length - 1));
};

/** The numbers at `rank` and behind it in the sorted order; the last one stands for what would be behind it. */
export const rankPair = (
  each: EachNumber,
  rank: number,
  most = BUCKETS,
): readonly [number, number] => {
  const below = numberAt(each, rank, most);
  let upTo = 0;
  let above = Infinity;
  each((value) => {
    if (value <= below) upTo += 1;
    else if (value < above) above = value;
  });
  return [below, upTo > rank + 1 || above === Infinity ? below : above];
};
