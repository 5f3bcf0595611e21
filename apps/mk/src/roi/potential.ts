import { activeSignals, estimateOpportunity, round6, type ValueInputs } from '@holdfast/tuning';

/** Percent, from and to; nothing to gain is 0 to 0. */
export interface Potential {
  readonly speedup_pct_range: readonly [number, number];
  readonly latency_reduction_pct_range: readonly [number, number];
}

/**
 * What tuning could give back at most, and half of it: the share of the window that its signals are taken to cost (section
 * "opportunity" of a report). A step that takes a share `f` less time is quicker by `f / (1 - f)`.
 */
export const potentialOf = (inputs: ValueInputs): Potential => {
  const { opportunity_assumptions: assumed } = estimateOpportunity(inputs);
  const most = Number(assumed['opportunity_fraction']);
  const percent = (share: number): number => round6(100 * share);
  const speedup = (share: number): number => percent(share / (1 - share));
  return {
    speedup_pct_range: [speedup(most / 2), speedup(most)],
    latency_reduction_pct_range: [percent(most / 2), percent(most)],
  };
};

/** What the figures are worth, in words that a program can tell apart. */
export const potentialNotes = ({ series, signals }: ValueInputs): string[] => [
  ...signals.notes,
  ...(activeSignals(signals).length === 0 ? ['stable'] : ['heuristic_by_active_signals']),
  ...(series.length < 3 ? ['sample_count_too_low'] : []),
];
