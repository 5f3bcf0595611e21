import {
  initialPlannerState,
  KNOBS,
  nextPlannerState,
  proposeActions,
  type Action,
  type PlannerState,
  type PolicyId,
} from '@holdfast/tuning';
import type { WindowFacts } from './window-signals.ts';

export interface KnobChange {
  readonly knob: string;
  readonly from: number;
  readonly to: number;
}

/** One window of a replay, and what a policy would have done about it. */
export interface ReplayedWindow extends WindowFacts {
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
export function* replayPolicy(
  policy: PolicyId,
  windows: Iterable<WindowFacts>,
): Generator<ReplayedWindow> {
  const knobs = Object.fromEntries(Object.entries(KNOBS).map(([name, { start }]) => [name, start]));
  let state = initialPlannerState();
  for (const window of windows) {
    const { phase } = state;
    const actions = proposeActions(policy, window.signals, state, knobs);
    state = nextPlannerState(state, window.signals);
    yield { ...window, phase, actions, changed_knobs: moveKnobs(knobs, actions) };
  }
}

/** Adds how often each knob is part of the actions. */
export const countKnobs = (
  counts: Record<string, number>,
  actions: readonly { readonly knob: string }[],
): void => {
  for (const { knob } of actions) counts[knob] = (counts[knob] ?? 0) + 1;
};
