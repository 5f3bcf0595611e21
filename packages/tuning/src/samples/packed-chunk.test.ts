import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packNumbers, unpackAt } from './packed-chunk.ts';

const decimals = (scale: number) =>
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((whole) => whole / scale);
const decimal = fc.integer({ min: 0, max: 6 }).chain((places) => decimals(10 ** places));

const readBack = (values: readonly number[]): number[] | undefined => {
  const packed = packNumbers(Float64Array.from(values));
  return packed && values.map((_, at) => unpackAt(packed, at));
};

describe('packed numbers', () => {
  it('are read back to the bit, or are not packed', () => {
    const any = fc.oneof(fc.double(), decimal, fc.constant(Number.NaN), fc.constant(-0));
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), (values) => {
        const read = readBack(values);
        if (read !== undefined) expect(read).toEqual(values);
      }),
      { numRuns: 2_000, seed: 5 },
    );
  });

  it('are packed where they have few decimals, with gaps in between', () => {
    const property = fc.property(
      fc.constantFrom(1, 10, 1e3, 1e6).chain((scale) => fc.array(decimals(scale))),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Math.round(value * 1e3) / 1e3),
      (some, other) => {
        const values = [...some, Number.NaN, other];
        expect(readBack(values.map((value) => value + 0))).toEqual(values.map((v) => v + 0));
      },
    );
    fc.assert(property, { seed: 6 });
  });

  it('take two bytes where they lie close together, four where they do not', () => {
    const bytesOf = (...values: number[]) =>
      packNumbers(Float64Array.from(values))?.codes.BYTES_PER_ELEMENT;
    expect(bytesOf(70.25, 81.5)).toBe(2);
    expect(bytesOf(1, 65_535)).toBe(2);
    expect(bytesOf(1, 65_536)).toBe(4);
    expect(bytesOf(1_760_000_000_000, 1_760_000_065_535)).toBe(4);
  });

  it('stay as they are where they lie too far apart, have too many digits, or are none', () => {
    for (const values of [[0, 2 ** 33], [Math.PI], [Infinity], [-0], [Number.NaN]])
      expect(packNumbers(Float64Array.from(values))).toBeUndefined();
  });
});
