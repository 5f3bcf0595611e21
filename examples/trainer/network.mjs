import { createRandom } from './random.mjs';

const MOMENTUM = 0.9;

const layersOf = (sizes) => {
  let offset = 0;
  return sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const weights = offset;
    const biases = offset + inputs * outputs;
    offset = biases + outputs;
    return { inputs, outputs, weights, biases };
  });
};

const startValues = (layers, count, seed) => {
  const random = createRandom(seed);
  const values = new Float32Array(count);
  for (const { inputs, outputs, weights } of layers)
    for (let i = 0; i < inputs * outputs; i += 1)
      values[weights + i] = (random() * 2 - 1) * Math.sqrt(3 / inputs);
  return values;
};

/**
 * A multilayer perceptron with rectified hidden layers and one linear output, trained on the squared error by gradient
 * descent with momentum. Gradients are summed sample by sample until `update`, so a batch in several parts gives exactly
 * the update of the same batch in one.
 */
export const createNetwork = ({ sizes, seed = 1 }) => {
  const layers = layersOf(sizes);
  const last = layers.at(-1);
  const count = last.biases + last.outputs;
  const parameters = startValues(layers, count, seed);
  const gradient = new Float32Array(count);
  const velocity = new Float32Array(count);
  const values = sizes.map((size) => new Float32Array(size));
  const errors = sizes.map((size) => new Float32Array(size));
  let samples = 0;

  const forward = () => {
    for (const [index, { inputs, outputs, weights, biases }] of layers.entries()) {
      const from = values[index];
      const to = values[index + 1];
      const linear = index === layers.length - 1;
      for (let o = 0; o < outputs; o += 1) {
        let sum = parameters[biases + o];
        const row = weights + o * inputs;
        for (let i = 0; i < inputs; i += 1) sum += parameters[row + i] * from[i];
        to[o] = linear || sum > 0 ? sum : 0;
      }
    }
    return values.at(-1)[0];
  };

  const backward = (error) => {
    errors.at(-1)[0] = 2 * error;
    for (let index = layers.length - 1; index >= 0; index -= 1) {
      const { inputs, outputs, weights, biases } = layers[index];
      const from = values[index];
      const above = errors[index + 1];
      const below = errors[index].fill(0);
      for (let o = 0; o < outputs; o += 1) {
        const slope = above[o];
        if (slope === 0) continue;
        gradient[biases + o] += slope;
        const row = weights + o * inputs;
        for (let i = 0; i < inputs; i += 1) {
          gradient[row + i] += slope * from[i];
          below[i] += slope * parameters[row + i];
        }
      }
      if (index > 0) for (let i = 0; i < inputs; i += 1) if (from[i] === 0) below[i] = 0;
    }
  };

  return {
    parameters,
    /** Adds the gradients of these samples. Gives the sum of their squared errors. */
    accumulate({ inputs, targets }) {
      let squared = 0;
      for (let row = 0; row < targets.length; row += 1) {
        values[0].set(inputs.subarray(row * sizes[0], (row + 1) * sizes[0]));
        const error = forward() - targets[row];
        squared += error * error;
        backward(error);
      }
      samples += targets.length;
      return squared;
    },
    /** One step against the mean gradient of the samples since the last one. */
    update(rate) {
      for (let i = 0; i < count; i += 1) {
        velocity[i] = MOMENTUM * velocity[i] + gradient[i] / samples;
        parameters[i] -= rate * velocity[i];
      }
      gradient.fill(0);
      samples = 0;
    },
  };
};
