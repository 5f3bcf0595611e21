import {
  detectSignals,
  initialPlannerState,
  KNOBS,
  nextPlannerState,
  proposeActions,
  type Action,
  type PlannerState,
  type PolicyId,
  type SampleSeries,
  type Signals,
} from '@holdfast/tuning';
import { splitWindows } from './split-windows.ts';

export interface KnobChange {
  readonly knob: string;
  readonly from: number;
  readonly to: number;
}

/** One window of a replay, and what a policy would have done about it. */
export interface ReplayedWindow {
  readonly start_ms: number;
  readonly sample_count: number;
  readonly signals: Signals;
  /** Of the planner when the window begins. */
  readonly phase: PlannerState['phase'];
  readonly actions: readonly Action[];
  /** Knobs that the actions really move. */
  readonly changed_knobs: readonly KnobChange[];
}

/** The knobs that actions move, in their order; recovery and relock are no knobs. `knobs` follows them. */
const moveKnobs = (knobs: Record<string, number>, actions: readonly Action[]): KnobChange[] =>
  actions.flatMap(({ knob, target }) => {
    const from = Object.hasOwn(knobs, knob) ? knobs[knob] : undefined;
    const to = Number(target);
    if (from === undefined || from === to) return [];
    knobs[knob] = to;
    return [{ knob, from, to }];
  });

/**
 * What a policy would have proposed, window by window: through incidents, recoveries and relocks, each time from the knobs
 * that it had arrived at. The samples are those of what really happened: how they would have changed is not guessed at.
 */
export const replayPolicy = (
  policy: PolicyId,
  series: SampleSeries,
  windowMs: number,
): ReplayedWindow[] => {
  const knobs = Object.fromEntries(Object.entries(KNOBS).map(([name, { start }]) => [name, start]));
  let state = initialPlannerState();
  return Array.from(splitWindows(series, windowMs), (window) => {
    const signals = detectSignals(window.series);
    const { phase } = state;
    const actions = proposeActions(policy, signals, state, knobs);
    state = nextPlannerState(state, signals);
    return {
      start_ms: window.start_ms,
      sample_count: window.series.length,
      signals,
      phase,
      actions,
      changed_knobs: moveKnobs(knobs, actions),
    };
  });
};

/** How often each knob is part of an action. */
export const countKnobs = (
  actions: readonly { readonly knob: string }[],
): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { knob } of actions) counts[knob] = (counts[knob] ?? 0) + 1;
  return counts;
};
