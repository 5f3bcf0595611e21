const SIZE = 624;
const SHIFT = 397;

/** A generator of 53-bit fractions in [0, 1) and of what is drawn from them. */
export interface RandomSource {
  random(): number;
  /** `low + (high - low) * random()`. */
  uniform(low: number, high: number): number;
}

/**
 * MT19937 (Matsumoto and Nishimura, 1998), seeded by array: the same numbers as Python's `random.seed(seed)` gives for an
 * integer below 2^32.
 */
export const createMersenneTwister = (seed: number): RandomSource => {
  const state = seedByArray(seed >>> 0);
  let index = SIZE;

  const nextUint32 = (): number => {
    if (index >= SIZE) {
      regenerate(state);
      index = 0;
    }
    let y = state[index] as number;
    index += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  const random = (): number => {
    const high = nextUint32() >>> 5;
    const low = nextUint32() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  };
  return { random, uniform: (low, high) => low + (high - low) * random() };
};

/** `init_genrand(19650218)` followed by `init_by_array` with a key of one word. */
function seedByArray(key: number): Uint32Array {
  const state = new Uint32Array(SIZE);
  state[0] = 19_650_218;
  for (let i = 1; i < SIZE; i += 1) state[i] = Math.imul(1_812_433_253, mixed(state, i - 1)) + i;
  let i = 1;
  const advance = () => {
    i += 1;
    if (i < SIZE) return;
    state[0] = state[SIZE - 1] as number;
    i = 1;
  };
  for (let round = 0; round < SIZE; round += 1) {
    state[i] = ((state[i] as number) ^ Math.imul(mixed(state, i - 1), 1_664_525)) + key;
    advance();
  }
  for (let round = 1; round < SIZE; round += 1) {
    state[i] = ((state[i] as number) ^ Math.imul(mixed(state, i - 1), 1_566_083_941)) - i;
    advance();
  }
  state[0] = 0x8000_0000;
  return state;
}

const mixed = (state: Uint32Array, at: number): number => {
  const word = state[at] as number;
  return word ^ (word >>> 30);
};

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < SIZE; i += 1) {
    const y =
      ((state[i] as number) & 0x8000_0000) | ((state[(i + 1) % SIZE] as number) & 0x7fff_ffff);
    const twist = y & 1 ? 0x9908_b0df : 0;
    state[i] = (state[(i + SHIFT) % SIZE] as number) ^ (y >>> 1) ^ twist;
  }
}
