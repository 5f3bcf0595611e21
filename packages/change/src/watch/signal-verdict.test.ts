import type { SignalSample, SignalSpec } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT } from '../test-support/arbitrary-plans.ts';
import { MAX_SAMPLES, MIN_SAMPLES, sampleTimes } from './signal-samples.ts';
import { signalVerdict } from './signal-verdict.ts';

const spec = (changes: Partial<SignalSpec> = {}): SignalSpec => ({
  name: 'errors',
  unit: 'per minute',
  direction: 'lower_is_better',
  max_regression: 0.1,
  min_change: 0,
  ...changes,
});
const samples = (...values: (number | null)[]): SignalSample[] =>
  values.map((errors) => ({ at: AT, values: { errors } }));

const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const window = fc.array(number, { minLength: MIN_SAMPLES, maxLength: 9 });
const anySpec = fc.record({
  name: fc.constant('errors'),
  unit: fc.constant(''),
  direction: fc.constantFrom('higher_is_better', 'lower_is_better'),
  max_regression: fc.double({ min: 0, max: 10, noNaN: true }),
  min_change: fc.double({ min: 0, max: 1e9, noNaN: true }),
}) as fc.Arbitrary<SignalSpec>;
const passes = (one: SignalSpec, before: SignalSample[], after: SignalSample[]): boolean =>
  signalVerdict([one], before, after).pass;
const worseBy = ({ direction }: SignalSpec, value: number, by: number): number =>
  direction === 'lower_is_better' ? value + by : value - by;

describe('the verdict over signals', () => {
  it('names a signal that got worse, with its values before and after', () => {
    const verdict = signalVerdict([spec()], samples(10, 10, 10), samples(12, 12));
    expect(verdict).toMatchObject({
      pass: false,
      signals: [{ name: 'errors', before: 10, after: 12 }],
    });
    expect(verdict.reason).toBe(
      'errors went from 10 to 12 per minute; 1 worse is allowed, lower is better',
    );
  });

  it('takes the same move as better for a signal of the other direction', () => {
    const higher = spec({ direction: 'higher_is_better' });
    expect(passes(higher, samples(10, 10), samples(12, 12))).toBe(true);
    expect(passes(higher, samples(10, 10), samples(8, 8))).toBe(false);
    expect(passes(spec(), samples(10, 10), samples(8, 8))).toBe(true);
  });

  it('lets a regression of exactly the limit pass, and a difference too small to matter', () => {
    expect(passes(spec({ max_regression: 0.5 }), samples(10, 10), samples(15, 15))).toBe(true);
    expect(passes(spec({ min_change: 3 }), samples(0, 0), samples(3, 3))).toBe(true);
    expect(passes(spec({ min_change: 3 }), samples(0, 0), samples(3.01, 3.01))).toBe(false);
  });

  it('is decided by the middle of a window, not by one peak', () => {
    expect(passes(spec(), samples(10, 10, 10), samples(10, 10, 900))).toBe(true);
    expect(passes(spec(), samples(10, 10, 900), samples(12, 12, 12))).toBe(false);
  });

  it('fails closed and says why when something was not measured', () => {
    const well = samples(1, 1);
    const bad: [SignalSample[], SignalSample[], string][] = [
      [[], well, 'before the change: 0 samples of errors, at least 2 are needed'],
      [well, samples(1), 'after the change: 1 samples of errors, at least 2 are needed'],
      [well, samples(1, null, 1), 'after the change: errors could not be measured in 1 of 3'],
      [samples(1, NaN), well, 'before the change: errors could not be measured in 1 of 2'],
      [well, samples(1, Infinity), 'after the change: errors could not be measured in 1 of 2'],
      [well, [{ at: AT, values: {} }, ...samples(1)], 'errors could not be measured in 1 of 2'],
    ];
    for (const [before, after, why] of bad) {
      const verdict = signalVerdict([spec()], before, after);
      expect(verdict.pass).toBe(false);
      expect(verdict.reason).toContain(why);
    }
  });

  it('passes when nothing is watched, and only when every signal passes', () => {
    expect(signalVerdict([], [], []).pass).toBe(true);
    const both = [spec(), spec({ name: 'toString' })];
    expect(signalVerdict(both, samples(1, 1), samples(1, 1))).toMatchObject({ pass: false });
  });

  it('never passes a worse watch where a better one fails', () => {
    const worse = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 9 });
    const property = fc.property(anySpec, window, window, worse, (one, before, after, by) => {
      const worsened = after.map((value, index) => worseBy(one, value, by[index]!));
      const baseline = samples(...before);
      if (passes(one, baseline, samples(...worsened)))
        expect(passes(one, baseline, samples(...after))).toBe(true);
    });
    fc.assert(property, { numRuns: 2_000, seed: 11 });
  });

  it('passes with wider limits whatever passes with none', () => {
    const property = fc.property(anySpec, window, window, (one, before, after) => {
      const strict = { ...one, max_regression: 0, min_change: 0 };
      const [baseline, watched] = [samples(...before), samples(...after)];
      if (passes(strict, baseline, watched)) expect(passes(one, baseline, watched)).toBe(true);
    });
    fc.assert(property, { numRuns: 1_000, seed: 12 });
  });

  it('sees a signal and its mirror image alike', () => {
    const property = fc.property(anySpec, window, window, (one, before, after) => {
      const direction =
        one.direction === 'lower_is_better' ? 'higher_is_better' : 'lower_is_better';
      const mirror = (values: number[]) => samples(...values.map((value) => -value));
      expect(passes({ ...one, direction }, mirror(before), mirror(after))).toBe(
        passes(one, samples(...before), samples(...after)),
      );
    });
    fc.assert(property, { numRuns: 1_000, seed: 13 });
  });

  it('never passes with a gap anywhere in either window', () => {
    const gap = fc.constantFrom(null, NaN, Infinity, -Infinity);
    const property = fc.property(
      anySpec,
      window,
      window,
      gap,
      fc.boolean(),
      fc.nat(),
      (one, before, after, hole, inBaseline, at) => {
        const [baseline, watched] = [samples(...before), samples(...after)];
        const holed = inBaseline ? baseline : watched;
        holed[at % holed.length] = { at: AT, values: { errors: hole } };
        expect(passes(one, baseline, watched)).toBe(false);
      },
    );
    fc.assert(property, { numRuns: 1_000, seed: 14 });
  });
});

describe('the times of a window', () => {
  it('are at both ends, in order, neither too few nor too many', () => {
    expect(sampleTimes(0)).toEqual([0, 0]);
    expect(sampleTimes(3_000)).toEqual([0, 1_000, 2_000, 3_000]);
    const property = fc.property(fc.nat({ max: 10_000_000 }), (windowMs) => {
      const times = sampleTimes(windowMs);
      expect(times.length).toBeGreaterThanOrEqual(MIN_SAMPLES);
      expect(times.length).toBeLessThanOrEqual(MAX_SAMPLES);
      expect([times[0], times.at(-1)]).toEqual([0, windowMs]);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });
    fc.assert(property, { seed: 15 });
  });
});
