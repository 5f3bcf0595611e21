import { createSampleSeries } from '@holdfast/tuning';
import { windowOf, type Observed } from '../observed.ts';
import { createMersenneTwister } from './mersenne-twister.ts';
import { SCENARIOS } from './scenarios.ts';

const SEED = 42;
const STEP_MS = 1000;
const WORKERS = 4;

/**
 * One sample a second, always the same ones: the seed is fixed. A synthetic source has no raw lines, so a recording that
 * is asked for is answered with `unsupported_source`.
 */
export const observeSynthetic = (
  scenario: string,
  durationMs: number,
  options: { recordTo?: string } = {},
): Observed => {
  const { bend, lastWorker } = (Object.hasOwn(SCENARIOS, scenario) && SCENARIOS[scenario]) || {};
  const random = createMersenneTwister(SEED);
  const series = createSampleSeries();
  const n = Math.max(1, Math.floor(durationMs / STEP_MS));
  for (let i = 0; i < n; i += 1) {
    // The order of the draws is part of the contract: loss, latency, throughput, the scenario's, the workers'.
    const figures = {
      loss: 1 + 0.05 * Math.sin(i / 5) + random.uniform(-0.02, 0.02),
      latency: 120 + 10 * Math.sin(i / 7) + random.uniform(-5, 5),
      throughput: 1000 + 30 * Math.cos(i / 6) + random.uniform(-20, 20),
    };
    bend?.(figures, i, n, random);
    const workers = Array.from({ length: WORKERS }, () => figures.latency + random.uniform(-5, 5));
    workers[WORKERS - 1] = (workers[WORKERS - 1] as number) * (lastWorker?.(i, n) ?? 1);
    series.add({
      timestamp_ms: i * STEP_MS,
      latency_ms: figures.latency,
      throughput: figures.throughput,
      loss: figures.loss,
      worker_latencies_ms: workers,
    });
  }
  const record = options.recordTo;
  return {
    series,
    window_s: windowOf(series),
    ...(record && { record: { path: record, lines_written: 0, error: 'unsupported_source' } }),
  };
};
