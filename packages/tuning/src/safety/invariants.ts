import type { Action } from '../policies/action.ts';
import type { WorkloadState } from './workload-state.ts';

/** Holds for all actions of a plan together, so `checkLimits` looks at it last. See `keepsGlobalBatch`. */
export const BATCH_INVARIANT = 'keep_global_batch_stable';

export interface InvariantFacts {
  /** All actions of the plan. */
  readonly actions: readonly Action[];
  readonly state: WorkloadState | undefined;
  /** Names of signals that were measured, for chords that want evidence of their own. */
  readonly evidence: readonly string[];
}

type Invariant = (action: Action, facts: InvariantFacts) => boolean;

const presentOf = (action: Action, facts: InvariantFacts): number | undefined =>
  facts.state?.knobs[action.knob];

const notAbovePresent =
  (...knobs: string[]): Invariant =>
  (action, facts) =>
    !knobs.includes(action.knob) ||
    Number(action.target) <= (presentOf(action, facts) ?? Number.POSITIVE_INFINITY);

/** With fewer workers than this nothing overlaps reading with training. */
const LEAST_INPUT_WORKERS = 2;

/** What each invariant of a catalog asks of one action. */
const INVARIANTS: Readonly<Record<string, Invariant>> = {
  [BATCH_INVARIANT]: () => true,
  // More load at once makes the slowest steps slower, whatever the target was meant to relieve.
  protect_tail_latency: notAbovePresent('concurrency', 'microbatch_size'),
  protect_input_pipeline: (action, facts) =>
    Number(action.target) >=
    Math.min(LEAST_INPUT_WORKERS, presentOf(action, facts) ?? LEAST_INPUT_WORKERS),
  // A guard that shortens a timeout kills the work it is there to protect.
  protect_runtime_safety: (action, facts) =>
    Number(action.target) >= (presentOf(action, facts) ?? Number.NEGATIVE_INFINITY),
  comm_changes_require_telemetry: (_action, facts) => facts.evidence.includes('comm_congestion'),
  // The approval itself is the envelope's: the tier of the chord asks for it.
  explicit_approval_required: () => true,
  single_knob_step: (action, facts) =>
    facts.actions.every((other) => other.chord !== action.chord || other.knob === action.knob),
  // The planner proposes a relock only after stable intervals; it moves no knob.
  stability_before_relock: () => true,
};

/** Whether an action keeps an invariant. One that nobody knows how to check counts as broken. */
export const keepsInvariant = (name: string, action: Action, facts: InvariantFacts): boolean =>
  Object.hasOwn(INVARIANTS, name) && INVARIANTS[name]!(action, facts);
