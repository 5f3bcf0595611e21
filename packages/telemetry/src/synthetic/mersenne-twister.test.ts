import { describe, expect, test } from 'vitest';
import { createMersenneTwister } from './mersenne-twister.ts';
import { PYTHON_RANDOM } from './python-values.fixture.ts';

describe('the Mersenne twister', () => {
  test.each(PYTHON_RANDOM)('draws what Python draws after seed $seed', ({ seed, values }) => {
    const source = createMersenneTwister(seed);
    const drawn = Array.from({ length: 2000 }, () => source.random());
    for (const [index, value] of Object.entries(values)) expect(drawn[Number(index)]).toBe(value);
  });

  test('stretches a draw between two bounds', () => {
    const [plain, stretched] = [createMersenneTwister(42), createMersenneTwister(42)];
    expect(stretched.uniform(-5, 5)).toBe(-5 + 10 * plain.random());
  });
});
