import { cpus } from 'node:os';

/** One measured figure with the goal that it is held against. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What was asked for: at least, or at most, this. */
  readonly goal?: { readonly atLeast?: number; readonly atMost?: number };
}

const verdict = ({ value, goal }: Figure): string => {
  if (!goal) return '';
  const missed =
    (goal.atLeast !== undefined && value < goal.atLeast) ||
    (goal.atMost !== undefined && value > goal.atMost);
  const asked = goal.atLeast !== undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  return `  (${asked}: ${missed ? 'MISSED' : 'met'})`;
};

const round = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);

/** Prints figures under the question that they answer. */
export const report = (question: string, figures: readonly Figure[]): void => {
  console.log(`\n${question} [node ${process.versions.node}, ${cpus().length} cores]`);
  for (const figure of figures)
    console.log(`  ${figure.what}: ${round(figure.value)} ${figure.unit}${verdict(figure)}`);
};

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The value that such a share of all does not exceed; `share` from 0 to 1. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
