import { medianOfColumn } from '../samples/column-quantile.ts';
import type { SampleReader } from '../samples/sample-view.ts';

/** What one window of samples says about a workload. `incident` is any of them, `stable` none. */
export interface Signals {
  incident: boolean;
  stable: boolean;
  drift: boolean;
  burst: boolean;
  straggler: boolean;
  gpu_saturated: boolean;
  notes: string[];
}

export const SIGNAL_NAMES = ['drift', 'burst', 'straggler', 'gpu_saturated'] as const;
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** Last quarter over first quarter of the losses. */
const DRIFT_RATIO = 1.15;
/** Largest latency over the median one. */
const BURST_RATIO = 1.5;
/** Mean of the slowest workers over the mean of the middle ones. */
const STRAGGLER_RATIO = 1.6;
const SATURATED_PCT = 90;

interface Losses {
  readonly count: number;
  readonly drifting: boolean;
}

const readLosses = (series: SampleReader): Losses => {
  let count = 0;
  series.each('loss', () => {
    count += 1;
  });
  const quarter = Math.max(1, Math.floor(count / 4));
  let [seen, first, last] = [0, 0, 0];
  series.each('loss', (loss) => {
    if (seen < quarter) first += loss;
    if (seen >= count - quarter) last += loss;
    seen += 1;
  });
  // Both quarters are of one length, so their sums compare as their means.
  return { count, drifting: count > 0 && last > DRIFT_RATIO * first };
};

const isBursting = (series: SampleReader): boolean => {
  let largest = -Infinity;
  series.each('latency_ms', (latency) => {
    if (latency > largest) largest = latency;
  });
  return largest > BURST_RATIO * medianOfColumn(series, 'latency_ms');
};

const isStraggling = (series: SampleReader): boolean => {
  if (!series.hasWorkers) return false;
  let [slowest, middle] = [0, 0];
  series.each('worker_max', (value) => {
    slowest += value;
  });
  series.each('worker_median', (value) => {
    middle += value;
  });
  return slowest > STRAGGLER_RATIO * middle;
};

const isSaturated = (series: SampleReader): boolean => {
  let saturated = false;
  const look = (value: number): void => {
    if (value >= SATURATED_PCT) saturated = true;
  };
  series.each('gpu_util_pct', look);
  series.each('gpu_mem_util_pct', look);
  return saturated;
};

const NOTE_OF: Readonly<Record<SignalName, string>> = {
  drift: 'loss_drift',
  burst: 'latency_burst',
  straggler: 'straggler_detected',
  gpu_saturated: 'gpu_saturated',
};

/** The signals that are on, in the order in which reports list them. */
export const activeSignals = (signals: Signals): SignalName[] =>
  SIGNAL_NAMES.filter((name) => signals[name]);

/** Puts signals together: `notes` defaults to one note a signal that is on. */
export const signalsOf = (on: Readonly<Record<SignalName, boolean>>, notes?: string[]): Signals => {
  const incident = SIGNAL_NAMES.some((name) => on[name]);
  return {
    incident,
    stable: !incident,
    ...on,
    notes: notes ?? SIGNAL_NAMES.filter((name) => on[name]).map((name) => NOTE_OF[name]),
  };
};

/** Reads the signals of one window. No samples: stable, with the note `no_samples`. */
export const detectSignals = (series: SampleReader): Signals => {
  if (series.length === 0)
    return signalsOf({ drift: false, burst: false, straggler: false, gpu_saturated: false }, [
      'no_samples',
    ]);
  const losses = readLosses(series);
  const signals = signalsOf({
    drift: losses.drifting,
    burst: isBursting(series),
    straggler: isStraggling(series),
    gpu_saturated: isSaturated(series),
  });
  if (losses.count === 0) signals.notes.unshift('loss_missing');
  return signals;
};
