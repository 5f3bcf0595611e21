import type { RandomSource } from './mersenne-twister.ts';

/** The three figures of a synthetic sample that a scenario may bend. */
export interface Figures {
  loss: number;
  latency: number;
  throughput: number;
}

export interface Scenario {
  /** Changes `figures` in place; `i` of `n` samples; draws come after the three of the base and before the workers'. */
  bend?(figures: Figures, i: number, n: number, random: RandomSource): void;
  /** Factor on the last worker's latency. */
  lastWorker?(i: number, n: number): number;
}

const slowed = (figures: Figures, latency: number, throughput: number): void => {
  figures.latency *= latency;
  figures.throughput *= throughput;
};

/** By name; every other name is the base without a fault. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  baseline: {},
  drift: {
    bend: (figures, i, n) => {
      figures.loss += 0.3 * (i / n);
    },
  },
  burst: {
    bend: (figures, i, n) => {
      if (i > 0.6 * n) figures.latency *= 1.8;
    },
  },
  straggler: { lastWorker: (i, n) => (i > 0.4 * n ? 2.2 : 1) },
  replica_overprovisioning: {
    bend: (figures, i, n, random) => {
      figures.loss += 0.6 * (i / n);
      figures.throughput = 220 + 8 * Math.cos(i / 8) + random.uniform(-4, 4);
    },
  },
  cpu_pressure: {
    bend: (figures, i, n) => {
      if (i > 0.58 * n) slowed(figures, 2.05, 0.55);
    },
  },
  memory_pressure: {
    bend: (figures, i, n) => {
      figures.loss += 0.4 * (i / n);
      if (i > 0.55 * n) slowed(figures, 2.15, 0.48);
    },
  },
};
