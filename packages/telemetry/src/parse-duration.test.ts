import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from './input-error.ts';
import { logWindowSeconds, parseDuration } from './parse-duration.ts';

describe('a duration', () => {
  test.each([
    ['1.5s', 1500],
    ['250ms', 250],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['60', 60_000],
    ['0', 0],
    ['.5', 500],
    ['5.', 5000],
    ['0.001h', 3600],
    ['0.29s', 290],
    ['1.0ms', 1],
    [' 3s ', 3000],
  ])('%j is %i ms', (raw, ms) => expect(parseDuration(raw)).toBe(ms));

  test.each([
    ...['', ' ', 's', 'ms', '.', '.s', '-1s', '+1s', '1x', '1 s s', '1S', '1e3', 'NaN', 'Infinity'],
    ...['0.5ms', '0.0001s', '1d', '1,5s', '1.5.5s', '0x10', '9999999999999999h', '\u0661s'],
  ])('refuses %j with one line of text', (raw) => {
    const attempt = () => parseDuration(raw);
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(`invalid duration: '${raw}' (use e.g. 1.5s or 250ms)`);
  });

  test('is exact for every whole number of milliseconds', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (ms) => {
        expect(
          parseDuration(`${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`),
        ).toBe(ms);
        expect(parseDuration(`${ms}ms`)).toBe(ms);
      }),
    );
  });

  test('never throws anything but an input error of one line', () => {
    fc.assert(
      fc.property(
        fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
        (raw) => {
          try {
            expect(parseDuration(raw)).toBeGreaterThanOrEqual(0);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            expect((error as Error).message).not.toMatch(/[\r\n]/);
          }
        },
      ),
    );
  });

  test.each([
    [0, 0],
    [1, 1],
    [1000, 1],
    [1001, 2],
  ])('%i ms of log are asked for as %i s', (ms, seconds) => {
    expect(logWindowSeconds(ms)).toBe(seconds);
  });
});
