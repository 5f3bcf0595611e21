import { createSampleSeries, type SampleSeries } from '../samples/sample-series.ts';
import type { SignalName } from '../signals/detect-signals.ts';
import type { Distress } from '../signals/detect-distress.ts';
import { createRandom, type Random } from './random.ts';

export type DetectorName = SignalName | keyof Distress;

/** What one step of a job is like, before measurement noise. Factors of the usual, except the last. */
interface Step {
  latency: number;
  /** Work of one step. */
  work: number;
  loss: number;
  slowest_worker: number;
  /** Percent points. */
  util: number;
  advances: boolean;
}

/** `position` runs from 0 to 1 over the window. */
type Course = (position: number, row: number, step: Step) => void;

export interface WindowKind {
  readonly name: string;
  /** Detectors that must fire. */
  readonly positive: readonly DetectorName[];
  /** Detectors that may say either: what happens is arguably theirs too. */
  readonly unscored: readonly DetectorName[];
  /** Draws how this window goes. */
  readonly draw: (random: Random, rows: number) => Course;
}

const slowBetween =
  (from: number, to: number, factor: number, util: number): Course =>
  (position, _row, step) => {
    if (position < from || position > to) return;
    step.latency *= factor;
    step.util += util;
  };

/** A job's ordinary days, its incidents, and what is easily taken for one of them. */
export const WINDOW_KINDS: readonly WindowKind[] = [
  { name: 'healthy', positive: [], unscored: [], draw: () => () => undefined },
  {
    name: 'noisy neighbours',
    positive: [],
    unscored: ['burst'],
    draw: (random) => {
      const spread = random.uniform(0.1, 0.25);
      return (_position, _row, step) => {
        step.latency *= Math.exp(spread * random.normal());
        step.loss *= Math.exp(0.1 * random.normal());
        step.util += 4 * random.normal();
        if (random.chance(0.02)) step.latency *= random.uniform(1.3, 5);
      };
    },
  },
  {
    name: 'power cap',
    positive: [],
    unscored: ['burst'],
    draw: (random) => slowBetween(random.uniform(0.3, 0.7), 1, random.uniform(1.1, 1.5), 0),
  },
  {
    name: 'checkpoints',
    positive: [],
    unscored: ['burst'],
    draw: (random) => {
      const every = random.integer(15, 40);
      const pause = random.uniform(2, 10);
      return (_position, row, step) => {
        if (row % every === every - 1) step.latency *= pause;
      };
    },
  },
  {
    name: 'evaluation',
    positive: [],
    unscored: ['burst'],
    draw: (random) => {
      const start = random.uniform(0.1, 0.95);
      return slowBetween(start, start + 0.06, random.uniform(3, 8), -20);
    },
  },
  {
    name: 'longer sequences',
    positive: [],
    unscored: ['burst'],
    draw: (random) => {
      const [start, factor] = [random.uniform(0.3, 0.7), random.uniform(1.2, 2)];
      return (position, _row, step) => {
        if (position < start) return;
        step.latency *= factor;
        step.work *= factor;
      };
    },
  },
  {
    name: 'input starved',
    positive: [],
    unscored: ['burst'],
    draw: (random) =>
      slowBetween(random.uniform(0.3, 0.7), 1, random.uniform(1.3, 2.5), -random.uniform(15, 50)),
  },
  {
    name: 'loss drift',
    positive: ['drift'],
    unscored: [],
    draw: (random) => {
      const rise = random.uniform(0.25, 0.8);
      return (position, _row, step) => {
        step.loss *= 1 + rise * position;
      };
    },
  },
  {
    name: 'latency burst',
    positive: ['burst'],
    unscored: [],
    draw: (random) => {
      const start = random.uniform(0.2, 0.7);
      return slowBetween(start, start + random.uniform(0.05, 0.3), random.uniform(1.8, 3), -10);
    },
  },
  {
    name: 'straggler',
    positive: ['straggler'],
    unscored: ['burst'],
    draw: (random) => {
      const [start, factor] = [random.uniform(0, 0.3), random.uniform(2.2, 4)];
      return (position, _row, step) => {
        if (position >= start) step.slowest_worker *= factor;
      };
    },
  },
  {
    name: 'saturated',
    positive: ['gpu_saturated'],
    unscored: [],
    draw: () => (_position, _row, step) => {
      step.util += 30;
    },
  },
  {
    name: 'congested exchange',
    positive: ['comm_congestion'],
    unscored: ['burst', 'gpu_saturated'],
    draw: (random) =>
      slowBetween(random.uniform(0.3, 0.7), 1, random.uniform(1.4, 2.5), random.uniform(0, 8)),
  },
  {
    name: 'near hang',
    positive: ['near_hang'],
    unscored: ['burst', 'comm_congestion'],
    draw: (random) => {
      const start = random.uniform(0.8, 0.93);
      const factor = random.uniform(5, 30);
      const frozen = random.chance(0.3);
      return (position, _row, step) => {
        if (position < start) return;
        if (frozen) step.advances = false;
        else step.latency *= factor;
      };
    },
  },
];

/** One window of a kind: 60 to 240 samples, 4 to 16 workers, its own noise; `seed` decides all of it. */
export const drawWindow = (kind: WindowKind, seed: number): SampleSeries => {
  const random = createRandom(seed);
  const rows = random.integer(60, 240);
  const workers = random.integer(4, 16);
  const usual = random.uniform(40, 800);
  const noise = random.uniform(0.01, 0.08);
  const util = random.uniform(68, 82);
  const [loss, decay] = [random.uniform(0.5, 6), random.uniform(0, 0.1)];
  const course = kind.draw(random, rows);
  const series = createSampleSeries();
  let [time, stepNumber] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    const position = row / (rows - 1);
    const step: Step = {
      latency: usual * (1 + 0.04 * Math.sin(row / 9)),
      work: 1000,
      loss: loss * (1 - decay * position),
      slowest_worker: 1,
      util,
      advances: true,
    };
    course(position, row, step);
    const latency = step.latency * Math.exp(noise * random.normal());
    const each = Array.from({ length: workers }, (_, worker) => {
      const own = latency * Math.exp(noise * random.normal());
      return worker === 0 ? own * step.slowest_worker : own;
    });
    if (step.advances) stepNumber += 1;
    time += latency;
    series.add({
      timestamp_ms: time,
      latency_ms: latency,
      throughput: (step.work * 1000) / latency,
      loss: step.loss * (1 + 0.03 * random.normal()),
      step: stepNumber,
      gpu_util_pct: Math.min(100, Math.max(0, step.util + 1.5 * random.normal())),
      worker_latencies_ms: each,
    });
  }
  return series;
};
