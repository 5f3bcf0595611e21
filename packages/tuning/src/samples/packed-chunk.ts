/** Numbers kept as whole multiples of a decimal fraction; the greatest code of the array stands for NaN. */
export interface PackedChunk {
  readonly codes: Uint16Array | Uint32Array;
  readonly base: number;
  readonly scale: number;
}

const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;
const NONE_16 = 0xffff;
const NONE_32 = 0xffff_ffff;

/** Least and greatest of `value * scale`, where every value is a whole multiple of `1 / scale`; undefined otherwise. */
const rangeAt = (values: Float64Array, scale: number): readonly [number, number] | undefined => {
  let [least, greatest] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at]!;
    if (Number.isNaN(value)) continue;
    const whole = Math.round(value * scale);
    // What is read back is `whole / scale`. A zero with a sign would lose it.
    if (whole / scale !== value || Object.is(value, -0)) return undefined;
    if (whole < least) least = whole;
    if (whole > greatest) greatest = whole;
  }
  return Number.isSafeInteger(least) && Number.isSafeInteger(greatest)
    ? [least, greatest]
    : undefined;
};

/** Keeps numbers with few decimals in a half or a quarter of their memory, exactly; undefined where that cannot be. */
export const packNumbers = (values: Float64Array): PackedChunk | undefined => {
  for (const scale of SCALES) {
    const range = rangeAt(values, scale);
    if (range === undefined) continue;
    const [base, greatest] = range;
    if (greatest - base >= NONE_32) return undefined;
    const isNarrow = greatest - base < NONE_16;
    const none = isNarrow ? NONE_16 : NONE_32;
    const codes = isNarrow ? new Uint16Array(values.length) : new Uint32Array(values.length);
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at]!;
      codes[at] = Number.isNaN(value) ? none : Math.round(value * scale) - base;
    }
    return { codes, base, scale };
  }
  return undefined;
};

/** The number at an index, NaN where there is none. */
export const unpackAt = ({ codes, base, scale }: PackedChunk, at: number): number => {
  const code = codes[at]!;
  const none = codes.BYTES_PER_ELEMENT === 2 ? NONE_16 : NONE_32;
  return code === none ? Number.NaN : (base + code) / scale;
};
