/** Repeatable random numbers: the same seed gives the same windows on every machine. */
export interface Random {
  /** From `low` up to `high`. */
  uniform(low: number, high: number): number;
  /** Around 0 with deviation 1. */
  normal(): number;
  chance(share: number): boolean;
  integer(low: number, high: number): number;
}

/** A 32-bit generator of the xorshift family (Marsaglia 2003), seeded through an integer hash. */
export const createRandom = (seed: number): Random => {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  const uniform = (low: number, high: number): number => low + (high - low) * next();
  return {
    uniform,
    // Box-Muller; the 1 - x keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (share) => next() < share,
    integer: (low, high) => Math.floor(uniform(low, high + 1)),
  };
};
