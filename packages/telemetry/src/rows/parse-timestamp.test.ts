import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timestampOfNumber, timestampOfText } from './parse-timestamp.ts';

const AT = Date.UTC(2024, 1, 29, 12, 30, 15);

describe('a time', () => {
  test.each([
    ['2024-02-29T12:30:15Z', AT],
    ['2024-02-29T12:30:15', AT],
    ['2024-02-29 12:30:15', AT],
    ['2024-02-29t12:30:15z', AT],
    ['2024-02-29T12:30:15.123456789Z', AT + 123],
    ['2024-02-29T12:30:15,9999Z', AT + 999],
    ['2024-02-29T14:30:15+02:00', AT],
    ['2024-02-29T14:30:15+0200', AT],
    ['2024-02-29T07:00:15-05:30', AT],
    ['2024-02-29T12:30Z', AT - 15_000],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    [' 1700000000 ', 1_700_000_000_000],
    ['1700000000.5', 1_700_000_000_500],
    ['1700000000500', 1_700_000_000_500],
    ['1.7e9', 1_700_000_000_000],
    ['-5', -5000],
  ])('reads %j', (text, ms) => expect(timestampOfText(text)).toBe(ms));

  test.each([
    ...['', 'now', '2023-02-29T00:00:00Z', '2024-13-01', '2024-00-10', '2024-01-00', '12:30:15'],
    ...['2024-02-29T24:00:00Z', '2024-02-29T12:60:00Z', '2024-02-29T12:30:61Z', 'nan', '1e400'],
    ...['2024-02-29T12:30:15+25:00', '1e300', '2024-2-9', '0x10', '2024-02-29T12:30:15.Z'],
  ])('does not read %j', (text) => expect(timestampOfText(text)).toBeNaN());

  test('a number above 1e11 counts milliseconds, one up to it seconds', () => {
    expect(timestampOfNumber(1e11)).toBe(1e14);
    expect(timestampOfNumber(100_000_000_001)).toBe(100_000_000_001);
    expect(Object.is(timestampOfNumber(-0), 0)).toBe(true);
    expect(timestampOfNumber(Infinity)).toBeNaN();
  });

  test('agrees with Date on what Date writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => void expect(timestampOfText(date.toISOString())).toBe(date.getTime()),
      ),
    );
  });
});
