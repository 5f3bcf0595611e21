import { chordOf, type Chord, type ChordCatalog } from '../chords/chord-catalog.ts';
import { isKnobValue, knobOf } from '../knobs/knob-registry.ts';
import type { Action } from '../policies/action.ts';
import type { Split } from './envelope.ts';
import { isBatchKnob, keepsGlobalBatch } from './global-batch.ts';
import { BATCH_INVARIANT, keepsInvariant } from './invariants.ts';
import type { WorkloadState } from './workload-state.ts';

export type LimitReason =
  | 'reverted_before'
  | 'cooldown_active'
  | 'budget_exhausted'
  | 'max_delta_exceeded'
  | 'invariant_violated'
  | 'unknown_knob'
  | 'out_of_range';

export interface LimitOptions {
  readonly catalog: ChordCatalog;
  /** Undefined where the workload was not read: then only ranges and evidence can be checked. */
  readonly state: WorkloadState | undefined;
  readonly nowMs: number;
  /** Least seconds between two changes of one knob, or under one chord; its catalog entry may ask for more. */
  readonly cooldownS: number;
  /** Largest step of one knob in its own unit; 0 is no limit. */
  readonly maxDeltaPerStep: number;
  /** Actions that were taken back, or should have been: none of them is made again. */
  readonly reverted?: readonly Pick<Action, 'knob' | 'target'>[];
  /** Signals that were measured, for chords that ask for them (`comm_congestion`, `near_hang`). */
  readonly evidence?: readonly string[];
}

const HOUR_MS = 3_600_000;

/** Time since a change. One stamped in the future counts as made now: a wrong clock must not free what is limited. */
const ageMs = (atMs: number, nowMs: number): number => Math.max(0, nowMs - atMs);

const isCooling = (action: Action, chord: Chord | undefined, options: LimitOptions): boolean => {
  const general = options.cooldownS * 1000;
  const byChord = Math.max(general, chord?.cooldown_ms ?? 0);
  return (options.state?.history ?? []).some((change) => {
    const wait =
      change.chord === action.chord ? byChord : change.knob === action.knob ? general : 0;
    return ageMs(change.at_ms, options.nowMs) < wait;
  });
};

const isBudgetSpent = (
  action: Action,
  chord: Chord | undefined,
  options: LimitOptions,
): boolean => {
  const budget = chord?.budget ?? {};
  if (budget.emergency_only === true && !(options.evidence ?? []).includes('near_hang'))
    return true;
  if (
    budget.require_comm_telemetry === true &&
    !(options.evidence ?? []).includes('comm_congestion')
  )
    return true;
  if (budget.max_changes_per_hour === undefined) return false;
  const times = (options.state?.history ?? [])
    .filter((change) => change.chord === action.chord)
    .map((change) => change.at_ms)
    .filter((atMs) => ageMs(atMs, options.nowMs) < HOUR_MS);
  return new Set(times).size >= budget.max_changes_per_hour;
};

const wasReverted = ({ knob, target }: Action, { reverted = [] }: LimitOptions): boolean =>
  reverted.some((one) => one.knob === knob && one.target === target);

const isStepTooLarge = (action: Action, options: LimitOptions): boolean => {
  const present = options.state?.knobs[action.knob];
  if (options.maxDeltaPerStep <= 0 || present === undefined) return false;
  return Math.abs(Number(action.target) - present) > options.maxDeltaPerStep;
};

const reasonOf = (
  action: Action,
  actions: readonly Action[],
  options: LimitOptions,
): LimitReason | undefined => {
  const chord = chordOf(options.catalog, action.chord);
  const knob = knobOf(action.knob);
  if (knob === undefined) return 'unknown_knob';
  if (chord !== undefined && !chord.knobs_touched.includes(action.knob)) return 'unknown_knob';
  if (typeof action.target !== 'number' || !isKnobValue(knob, action.target)) return 'out_of_range';
  if (wasReverted(action, options)) return 'reverted_before';
  if (isCooling(action, chord, options)) return 'cooldown_active';
  if (isBudgetSpent(action, chord, options)) return 'budget_exhausted';
  if (isStepTooLarge(action, options)) return 'max_delta_exceeded';
  const facts = { actions, state: options.state, evidence: options.evidence ?? [] };
  const broken = (chord?.invariants ?? []).some((name) => !keepsInvariant(name, action, facts));
  return broken ? 'invariant_violated' : undefined;
};

const promisesBatch = (catalog: ChordCatalog): boolean =>
  catalog.chords.some((chord) => chord.invariants.includes(BATCH_INVARIANT));

/**
 * Parts the actions that may be made now from those that may not. To be called last, with exactly the actions that are
 * left: the global batch is judged on all of them together, so dropping one afterwards may break it. It binds every
 * action on a batch knob as soon as any chord of the catalog promises it.
 */
export const checkLimits = (
  actions: readonly Action[],
  options: LimitOptions,
): Split<LimitReason> => {
  const reasons = new Map<Action, LimitReason>();
  for (const action of actions) {
    const reason = reasonOf(action, actions, options);
    if (reason !== undefined) reasons.set(action, reason);
  }
  const left = actions.filter((action) => !reasons.has(action));
  if (
    options.state !== undefined &&
    promisesBatch(options.catalog) &&
    !keepsGlobalBatch(left, options.state)
  )
    for (const action of left)
      if (isBatchKnob(action.knob)) reasons.set(action, 'invariant_violated');
  return {
    allowed: actions.filter((action) => !reasons.has(action)),
    blocked: actions.flatMap((action) => {
      const reason = reasons.get(action);
      return reason === undefined ? [] : [{ action, reason }];
    }),
  };
};
