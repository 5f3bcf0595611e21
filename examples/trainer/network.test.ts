import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
// @ts-expect-error a program's library without types
import { INPUTS, makeSamples } from './dataset.mjs';
// @ts-expect-error a program's library without types
import { createNetwork } from './network.mjs';

const SIZES = [INPUTS, 16, 16, 1];

const lossOver = (network: ReturnType<typeof createNetwork>, from: number, count: number) =>
  network.accumulate(makeSamples(from, count)) / count;

describe('training', () => {
  test('lowers the loss on samples that were not trained on, far below what their mean would give', () => {
    const network = createNetwork({ sizes: SIZES });
    for (let step = 0; step < 400; step += 1) {
      network.accumulate(makeSamples(step * 64, 64));
      network.update(0.03);
    }
    const targets: Float32Array = makeSamples(1_000_000, 500).targets;
    const mean = targets.reduce((sum, target) => sum + target, 0) / 500;
    const variance = targets.reduce((sum, target) => sum + (target - mean) ** 2, 0) / 500;
    const loss = lossOver(network, 1_000_000, 500);
    expect(loss).toBeLessThan(variance / 3);
    expect(loss).toBeLessThan(lossOver(createNetwork({ sizes: SIZES }), 1_000_000, 500) / 4);
  });

  test('the gradient is the slope of the loss', () => {
    const network = createNetwork({ sizes: SIZES });
    const parameters = network.parameters as Float32Array;
    const batch = makeSamples(0, 20);
    const nudged = (index: number, by: number) => {
      const other = createNetwork({ sizes: SIZES });
      (other.parameters as Float32Array)[index]! += by;
      return other.accumulate(batch) / 20;
    };
    const before = parameters.slice();
    network.accumulate(batch);
    network.update(1);
    const last = parameters.length - 1;
    for (const index of [0, 33, 500, last - 10, last]) {
      const slope = (nudged(index, 0.005) - nudged(index, -0.005)) / 0.01;
      expect(before[index]! - parameters[index]!).toBeCloseTo(slope, 3);
    }
  });
});

describe('gradient accumulation', () => {
  test('a batch in any parts gives exactly the update of the same batch in one', () => {
    const whole = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 6 }), (parts) => {
        const inParts = createNetwork({ sizes: SIZES });
        const inOne = createNetwork({ sizes: SIZES });
        for (let step = 0; step < 2; step += 1) {
          let from = 0;
          for (const count of parts) {
            inParts.accumulate(makeSamples(from, count));
            from += count;
          }
          inOne.accumulate(makeSamples(0, from));
          inParts.update(0.01);
          inOne.update(0.01);
        }
        expect(inParts.parameters).toEqual(inOne.parameters);
      }),
      { numRuns: 30 },
    );
  });

  test('an update forgets the samples before it, and keeps nine tenths of its momentum', () => {
    const RATE = 0.01;
    const stepOf = (network: ReturnType<typeof createNetwork>, from: number): Float32Array => {
      const before = (network.parameters as Float32Array).slice();
      network.accumulate(makeSamples(from, 8));
      network.update(RATE);
      return before.map((value, index) => value - network.parameters[index]);
    };
    const network = createNetwork({ sizes: SIZES });
    const first = stepOf(network, 0);
    const fresh = createNetwork({ sizes: SIZES });
    fresh.parameters.set(network.parameters);
    const alone = stepOf(fresh, 8);
    const furthest = stepOf(network, 8)
      .map((moved, index) => Math.abs(moved - 0.9 * first[index]! - alone[index]!))
      .reduce((most, off) => Math.max(most, off));
    expect(furthest).toBeLessThan(1e-6);
    expect(first.some((moved) => Math.abs(moved) > 1e-4)).toBe(true);
  });
});
