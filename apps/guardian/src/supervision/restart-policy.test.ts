import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decayFailures, decideRestart, type RunOutcome } from './restart-policy.ts';

const LIMITS = { attempts: 3, cooldownMs: 30_000 };
const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const failures = fc.integer({ min: 0, max: 100 });
const decide = (outcome: Partial<RunOutcome>, at = 0) =>
  decideRestart({ failures: 0, failedStarts: 0, ...outcome }, LIMITS, at);

describe('decideRestart', () => {
  it('starts again at once after the first failure, then later each time', () => {
    const delays = [0, 1, 2, 3, 4, 50].map(
      (count) => decide({ failures: count, healthyMs: 100 }).delayMs,
    );
    expect(delays).toEqual([0, 100, 200, 400, 800, 5_000]);
  });

  it('starts one at once that had been healthy for a while, whatever happened before', () => {
    fc.assert(
      fc.property(failures, random, fc.integer({ min: 2_000 }), (count, at, healthyMs) => {
        expect(decide({ failures: count, healthyMs }, at)).toMatchObject({
          delayMs: 0,
          limitReached: false,
          failedStarts: 0,
        });
      }),
    );
  });

  it('takes no more than half off a delay, and adds nothing', () => {
    fc.assert(
      fc.property(failures, fc.integer({ min: 0, max: 1 }), random, (count, failedStarts, at) => {
        const full = decide({ failures: count, failedStarts }).delayMs;
        const { delayMs } = decide({ failures: count, failedStarts }, at);
        expect(delayMs).toBeLessThanOrEqual(30_000);
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(delayMs).toBeLessThanOrEqual(full);
      }),
    );
  });

  it('cools down from the third start in a row that failed, twice as long each time, to 15 minutes', () => {
    const decisions = [0, 1, 2, 3, 4, 7, 500].map((failedStarts) =>
      decide({ failures: failedStarts, failedStarts }),
    );
    expect(decisions.map((one) => one.limitReached)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(decisions.slice(2).map((one) => one.delayMs)).toEqual([
      30_000, 60_000, 120_000, 900_000, 900_000,
    ]);
  });
});

describe('decayFailures', () => {
  it('takes one off for each healthy minute, never below none', () => {
    expect(decayFailures(3, 59_999)).toBe(3);
    expect(decayFailures(3, 60_000)).toBe(2);
    expect(decayFailures(3, 600_000)).toBe(0);
  });
});
