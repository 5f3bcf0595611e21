import { setImmediate as breathe } from 'node:timers/promises';

const RATE = 0.02;

/**
 * One optimiser step: `parts` microbatches, then one update. A breath between two of them lets signals in, however much
 * data lies ready.
 */
const trainStep = async (network, loader, parts) => {
  let squared = 0;
  let samples = 0;
  let waitedMs = 0;
  for (let part = 0; part < parts; part += 1) {
    const asked = performance.now();
    const batch = await loader.next();
    waitedMs += performance.now() - asked;
    squared += network.accumulate(batch);
    samples += batch.targets.length;
    await breathe();
  }
  network.update(RATE);
  return { squared, samples, waitedMs };
};

/**
 * Optimiser steps until `forMs` are over, at least one. Gives means over them: the loss, and milliseconds of a step, all
 * in all and spent in waiting for data.
 */
export const trainFor = async (network, loader, { parts, forMs }) => {
  const started = performance.now();
  let steps = 0;
  const sum = { squared: 0, samples: 0, waitedMs: 0 };
  do {
    const step = await trainStep(network, loader, parts);
    for (const name of Object.keys(sum)) sum[name] += step[name];
    steps += 1;
  } while (performance.now() - started < forMs);
  const ms = performance.now() - started;
  return {
    steps,
    loss: sum.squared / sum.samples,
    throughput: (sum.samples * 1000) / ms,
    stepMs: ms / steps,
    waitMs: sum.waitedMs / steps,
  };
};
