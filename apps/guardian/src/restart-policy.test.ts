import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decayFailures, decideRestart } from './restart-policy.ts';

const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const failures = fc.integer({ min: 0, max: 100 });

describe('decideRestart', () => {
  it('starts again at once after the first failure, then after 100 ms doubling to 30 s', () => {
    const delays = [0, 1, 2, 3, 4, 8, 9, 10, 50].map(
      (count) => decideRestart({ failures: count }, 0).delayMs,
    );
    expect(delays).toEqual([0, 100, 200, 400, 800, 12_800, 25_600, 30_000, 30_000]);
  });

  it('never waits longer than 30 s, nor less than half of the full delay', () => {
    fc.assert(
      fc.property(failures, random, (count, at) => {
        const full = decideRestart({ failures: count }, 0).delayMs;
        const { delayMs } = decideRestart({ failures: count }, at);
        expect(delayMs).toBeLessThanOrEqual(30_000);
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(delayMs).toBeLessThanOrEqual(full);
      }),
    );
  });

  it('waits no more than a second for one that had come up', () => {
    fc.assert(
      fc.property(failures, random, fc.integer({ min: 0, max: 59_999 }), (count, at, healthyMs) => {
        const decision = decideRestart({ failures: count, healthyMs }, at);
        expect(decision.delayMs).toBeLessThanOrEqual(1_000);
        expect(decision.crashLoop).toBe(false);
        expect(decision.failures).toBe(count + 1);
      }),
    );
  });

  it('calls it a crash loop at the fifth failure in a row without having come up', () => {
    const loops = [0, 3, 4, 5].map((count) => decideRestart({ failures: count }, 0).crashLoop);
    expect(loops).toEqual([false, false, true, true]);
  });
});

describe('decayFailures', () => {
  it('takes one off for each healthy minute, never below none', () => {
    expect(decayFailures(3, 59_999)).toBe(3);
    expect(decayFailures(3, 60_000)).toBe(2);
    expect(decayFailures(3, 600_000)).toBe(0);
  });
});
