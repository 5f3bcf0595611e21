import { medianOf, quantileOf } from '../samples/quantile.ts';
import type { SampleSeries } from '../samples/sample-series.ts';

/**
 * Two states that the four signals of a window do not tell apart. How often each is wrong is measured on the labelled
 * windows of the benchmark: `DISTRESS_RATES`.
 */
export interface Distress {
  /** Steps are slower for good, of all workers alike, while the GPUs stay busy: they wait for each other's gradients. */
  comm_congestion: boolean;
  /** The last steps take many times as long as all before them, or the step number no longer moves. */
  near_hang: boolean;
}

const LEAST_SAMPLES = 20;

const CONGESTED = {
  /** Last quarter over first quarter: step time, throughput; the slowest worker over the middle one. */
  step_time_ratio: 1.25,
  throughput_ratio: 0.85,
  worker_ratio: 1.3,
  /** A GPU that waits in an exchange counts as busy; one that waits for input does not. Percent. */
  least_util: 60,
  most_util_lost: 5,
} as const;

const HANGING = {
  /** Samples at the end that all have to be slow: a checkpoint stops one or two steps. */
  tail: 3,
  step_time_ratio: 4,
  throughput_ratio: 0.35,
  /** Samples, and share of the window, without a new step. */
  still_samples: 5,
  still_share: 0.1,
} as const;

/** What a column says in the first and in the last quarter of the rows; undefined where most of either says nothing. */
const quartersOf = (
  series: SampleSeries,
  column: 'latency_ms' | 'throughput' | 'gpu_util_pct',
): { first: Float64Array; last: Float64Array } | undefined => {
  const quarter = Math.floor(series.length / 4);
  const [first, last]: [number[], number[]] = [[], []];
  series.each(column, (value, row) => {
    if (row < quarter) first.push(value);
    else if (row >= series.length - quarter) last.push(value);
  });
  if (Math.min(first.length, last.length) * 2 < quarter) return undefined;
  return { first: Float64Array.from(first), last: Float64Array.from(last) };
};

const areWorkersAlike = (series: SampleSeries): boolean => {
  const start = series.length - Math.floor(series.length / 4);
  let [slowest, middle] = [0, 0];
  for (let row = start; row < series.length; row += 1) {
    slowest += series.value('worker_max', row) ?? 0;
    middle += series.value('worker_median', row) ?? 0;
  }
  return slowest < CONGESTED.worker_ratio * middle;
};

const isCongested = (series: SampleSeries): boolean => {
  const latency = quartersOf(series, 'latency_ms');
  const throughput = quartersOf(series, 'throughput');
  const util = quartersOf(series, 'gpu_util_pct');
  if (latency === undefined || throughput === undefined || util === undefined) return false;
  // Slower for good: even the fast steps of now are slower than the slow ones of before.
  if (quantileOf(latency.last, 0.1) <= quantileOf(latency.first, 0.9)) return false;
  if (medianOf(latency.last) < CONGESTED.step_time_ratio * medianOf(latency.first)) return false;
  // Longer sequences slow the steps too, but not the work done in a second.
  const [before, now] = [medianOf(throughput.first), medianOf(throughput.last)];
  if (now <= 0 || now > CONGESTED.throughput_ratio * before) return false;
  const busy = Math.max(CONGESTED.least_util, medianOf(util.first) - CONGESTED.most_util_lost);
  return medianOf(util.last) >= busy && areWorkersAlike(series);
};

const isEndSlow = (series: SampleSeries): boolean => {
  const latencies = series.values('latency_ms');
  const throughputs = series.values('throughput');
  const usualStep = medianOf(latencies.slice(0, -HANGING.tail));
  const usualRate = medianOf(throughputs.slice(0, -HANGING.tail));
  return (
    latencies.slice(-HANGING.tail).every((step) => step >= HANGING.step_time_ratio * usualStep) &&
    throughputs.slice(-HANGING.tail).every((rate) => rate <= HANGING.throughput_ratio * usualRate)
  );
};

/** Samples keep coming, and steps that used to advance stand still. */
const isStandingStill = (series: SampleSeries): boolean => {
  const { length } = series;
  const still = Math.max(HANGING.still_samples, Math.ceil(HANGING.still_share * length));
  const last = series.value('step', length - 1);
  if (last === undefined) return false;
  for (let row = length - still; row < length; row += 1)
    if (series.value('step', row) !== last) return false;
  let advances = 0;
  for (let row = 1; row < length - still; row += 1)
    if ((series.value('step', row) ?? 0) > (series.value('step', row - 1) ?? Infinity))
      advances += 1;
  return advances * 2 > length - still;
};

/** Looks for both states. A window of less than 20 samples shows neither. */
export const detectDistress = (series: SampleSeries): Distress => {
  if (series.length < LEAST_SAMPLES) return { comm_congestion: false, near_hang: false };
  return {
    comm_congestion: isCongested(series),
    near_hang: isEndSlow(series) || isStandingStill(series),
  };
};

/** The names of what was found, as `checkLimits` takes them for evidence. */
export const distressEvidence = (distress: Distress): (keyof Distress)[] =>
  (['comm_congestion', 'near_hang'] as const).filter((name) => distress[name]);
