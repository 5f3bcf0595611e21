import { createRandom } from './random.mjs';

/** Numbers in one sample. */
export const INPUTS = 32;

const WAVES = 6;
const NOISE = 0.05;

const directions = (() => {
  const random = createRandom(20_240_601);
  return Float64Array.from({ length: WAVES * INPUTS }, () => (random() - 0.5) * 0.8);
})();

/**
 * An endless synthetic task: sample `index` is always the same, so it does not matter which worker makes it. The target
 * is a sum of waves along fixed directions plus a little noise, which a small network can learn and not fully.
 */
export const writeSample = (index, inputs, targets, row) => {
  const random = createRandom(index + 1);
  const first = row * INPUTS;
  for (let i = 0; i < INPUTS; i += 1) inputs[first + i] = random() * 2 - 1;
  let target = (random() - 0.5) * NOISE;
  for (let wave = 0; wave < WAVES; wave += 1) {
    let along = 0;
    for (let i = 0; i < INPUTS; i += 1) along += directions[wave * INPUTS + i] * inputs[first + i];
    target += Math.sin(along + wave) / WAVES;
  }
  targets[row] = target;
};

/** Samples `from` .. `from + count - 1`. */
export const makeSamples = (from, count) => {
  const inputs = new Float32Array(count * INPUTS);
  const targets = new Float32Array(count);
  for (let row = 0; row < count; row += 1) writeSample(from + row, inputs, targets, row);
  return { inputs, targets };
};
