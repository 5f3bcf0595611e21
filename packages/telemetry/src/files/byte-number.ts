const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const EXACT_BELOW = 2 ** 53;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** Reads the numbers of JSON (RFC 8259, section 6) from bytes. */
export interface NumberScanner {
  /**
   * Puts the number that starts at `from` into `value` and returns the index behind it, or -1 where no number starts. The
   * bytes must hold something that is no part of a number somewhere behind `from`.
   */
  read(bytes: Buffer, from: number): number;
  /** One number. An array keeps it out of the heap: a returned double would be an object. */
  readonly value: Float64Array;
}

const NONE = -1;

/**
 * Exact like `JSON.parse`. A mantissa below 2^53 and a power of ten up to 22 are both exact doubles, so one multiplication
 * or division rounds correctly (Clinger, 1990); everything else is left to the engine.
 */
export const createNumberScanner = (): NumberScanner => {
  const out = new Float64Array(1);
  return {
    value: out,
    read: (bytes, from) => {
      let at = from;
      let byte = bytes[at] as number;
      const negative = byte === MINUS;
      if (negative) byte = bytes[(at += 1)] as number;
      let mantissa = byte - ZERO;
      if (byte < ZERO || byte > NINE) return NONE;
      byte = bytes[(at += 1)] as number;
      if (mantissa !== 0)
        while (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + (byte - ZERO);
          byte = bytes[(at += 1)] as number;
        }
      let power = 0;
      if (byte === POINT) {
        const first = (at += 1);
        byte = bytes[at] as number;
        while (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + (byte - ZERO);
          byte = bytes[(at += 1)] as number;
        }
        if (at === first) return NONE;
        power = first - at;
      }
      if (byte === 0x65 || byte === 0x45) {
        byte = bytes[(at += 1)] as number;
        const down = byte === MINUS;
        if (down || byte === PLUS) byte = bytes[(at += 1)] as number;
        if (!(byte >= ZERO && byte <= NINE)) return NONE;
        let exponent = 0;
        while (byte >= ZERO && byte <= NINE) {
          if (exponent < 1e6) exponent = exponent * 10 + (byte - ZERO);
          byte = bytes[(at += 1)] as number;
        }
        power += down ? -exponent : exponent;
      }
      if (mantissa >= EXACT_BELOW || power < -22 || power > 22) {
        out[0] = Number(bytes.toString('latin1', from, at));
        return at;
      }
      if (power < 0) mantissa /= POWERS_OF_TEN[-power] as number;
      else mantissa *= POWERS_OF_TEN[power] as number;
      out[0] = negative ? -mantissa : mantissa;
      return at;
    },
  };
};
