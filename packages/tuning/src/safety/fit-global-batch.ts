import type { ChordCatalog } from '../chords/chord-catalog.ts';
import { isKnobValue, knobOf } from '../knobs/knob-registry.ts';
import type { Action } from '../policies/action.ts';
import { BATCH_KNOBS, batchPerReplica, isBatchKnob, type BatchKnob } from './global-batch.ts';
import { BATCH_INVARIANT } from './invariants.ts';
import type { WorkloadState } from './workload-state.ts';

/** How far a fitted value may lie from the target it stands for. */
const MAX_RATIO = 2;

interface Pair {
  readonly anchor: number;
  readonly other: number;
}

const otherOf = (knob: BatchKnob): BatchKnob =>
  knob === 'grad_accum_steps' ? 'microbatch_size' : 'grad_accum_steps';

/** Whether a value moves the knob the way the target does, and not past twice or under half of it. */
const isLike = (value: number, target: number, present: number | undefined): boolean => {
  if (value > target * MAX_RATIO || value < target / MAX_RATIO) return false;
  if (present === undefined || present === target) return present === undefined || value === target;
  return Math.sign(value - present) === Math.sign(target - present);
};

/** Every pair of values of the two knobs that makes up `product`, the nearest to the target of the anchor first. */
const pairsOf = (product: number, anchorKnob: BatchKnob, target: number): Pair[] => {
  const anchorRange = knobOf(anchorKnob)!;
  const otherRange = knobOf(otherOf(anchorKnob))!;
  const pairs: Pair[] = [];
  for (let anchor = anchorRange.min; anchor <= anchorRange.max; anchor += anchorRange.step)
    if (isKnobValue(otherRange, product / anchor)) pairs.push({ anchor, other: product / anchor });
  const distance = (pair: Pair): number => Math.abs(Math.log(pair.anchor / target));
  return pairs.sort((a, b) => distance(a) - distance(b));
};

/** Where the present pair is nearer than any that moves the right way it stays: else two windows would take turns. */
const findPair = (
  product: number,
  anchorKnob: BatchKnob,
  target: number,
  present: number | undefined,
): Pair | undefined => {
  const pairs = pairsOf(product, anchorKnob, target);
  const moving = pairs.findIndex(({ anchor }) => isLike(anchor, target, present));
  return moving < 0
    ? undefined
    : (pairs.slice(0, moving).find(({ anchor }) => anchor === present) ?? pairs[moving]);
};

/** The chord under which the knob that follows is moved: it must list both knobs and promise the batch. */
const retuneChord = (catalog: ChordCatalog): string | undefined =>
  catalog.chords.find(
    (chord) =>
      chord.invariants.includes(BATCH_INVARIANT) &&
      BATCH_KNOBS.every((knob) => chord.knobs_touched.includes(knob)),
  )?.id;

/**
 * The same actions with targets that keep the global batch: the first batch knob among them takes its target, or the
 * nearest value on the same side of the present one, and the other follows, by an action of its own if it has none.
 * Where no such pair lies within the ranges, the actions stay as they are (and `checkLimits` blocks them).
 */
export const fitGlobalBatch = (
  actions: readonly Action[],
  { catalog, state }: { catalog: ChordCatalog; state: WorkloadState | undefined },
): Action[] => {
  const kept = [...actions];
  const anchorAction = actions.find((action) => isBatchKnob(action.knob));
  const product = state === undefined ? undefined : batchPerReplica(state);
  if (state === undefined || anchorAction === undefined || product === undefined) return kept;
  const anchorKnob = anchorAction.knob as BatchKnob;
  const otherKnob = otherOf(anchorKnob);
  const target = Number(anchorAction.target);
  const pair = findPair(product, anchorKnob, target, state.knobs[anchorKnob]);
  if (pair === undefined) return kept;
  const fitted = kept.map((action) => {
    if (action.knob === anchorKnob) return { ...action, target: pair.anchor };
    return action.knob === otherKnob ? { ...action, target: pair.other } : action;
  });
  if (fitted.some((action) => action.knob === otherKnob)) return fitted;
  if (state.knobs[otherKnob] === pair.other) return fitted;
  const chord = retuneChord(catalog);
  if (chord === undefined) return kept;
  const follow = { knob: otherKnob, target: pair.other, reason: 'keep_global_batch', chord };
  return fitted.toSpliced(actions.indexOf(anchorAction) + 1, 0, follow);
};
