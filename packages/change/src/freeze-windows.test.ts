import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWindows, type FreezeWindow } from './freeze-windows.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const MINUTE_MS = 60_000;
const DAY_MIN = 24 * 60;
/** A Monday, 00:00 UTC. */
const MONDAY = Date.parse('2026-01-05T00:00:00Z');

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const night: FreezeWindow = { name: 'night', days: ['fri'], from: '22:00', to: '06:00' };
const isOpen = (window: FreezeWindow, at: string): boolean =>
  openWindows([window], Date.parse(at)).length === 1;

const arbitraryTime = fc.integer({ min: 0, max: DAY_MIN - 1 });

describe('a freeze window', () => {
  it('over midnight is open until its end on the next day, and named by the day of its begin', () => {
    expect(isOpen(night, '2026-01-09T21:59:59Z')).toBe(false);
    expect(isOpen(night, '2026-01-09T22:00:00Z')).toBe(true);
    expect(isOpen(night, '2026-01-10T00:00:00Z')).toBe(true);
    expect(isOpen(night, '2026-01-10T05:59:59Z')).toBe(true);
    expect(isOpen(night, '2026-01-10T06:00:00Z')).toBe(false);
    expect(isOpen(night, '2026-01-09T05:00:00Z')).toBe(false);
    expect(isOpen(night, '2026-01-10T23:00:00Z')).toBe(false);
  });

  it('from Sunday on reaches into Monday', () => {
    const window = { ...night, days: ['sun'] };
    expect(isOpen(window, '2026-01-12T05:00:00Z')).toBe(true);
    expect(isOpen(window, '2026-01-13T05:00:00Z')).toBe(false);
  });

  it('that ends when it begins lasts a day', () => {
    const window = { ...night, from: '12:00', to: '12:00' };
    expect(isOpen(window, '2026-01-09T12:00:00Z')).toBe(true);
    expect(isOpen(window, '2026-01-10T11:59:00Z')).toBe(true);
    expect(isOpen(window, '2026-01-10T12:00:00Z')).toBe(false);
  });

  it('is open in exactly the minutes from each of its begins to the end that follows', () => {
    fc.assert(
      fc.property(
        fc.subarray([...DAYS], { minLength: 1 }),
        arbitraryTime,
        arbitraryTime,
        fc.integer({ min: 0, max: 7 * DAY_MIN - 1 }),
        fc.integer({ min: 0, max: 59_999 }),
        (days, from, to, minute, ms) => {
          const window = { name: 'w', days, from: clock(from), to: clock(to) };
          const lasts = to > from ? to - from : to - from + DAY_MIN;
          const week = 7 * DAY_MIN;
          const expected = days.some((day) => {
            const begin = DAYS.indexOf(day) * DAY_MIN + from;
            return (minute - begin + week) % week < lasts;
          });
          const at = MONDAY + minute * MINUTE_MS + ms;
          expect(openWindows([window], at)).toEqual(expected ? [window] : []);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is told apart from others', () => {
    const other = { ...night, name: 'other', days: ['wed'] };
    const at = Date.parse('2026-01-09T23:00:00Z');
    expect(openWindows([other, night], at)).toEqual([night]);
    expect(openWindows([], at)).toEqual([]);
  });
});
