import type { AppliedChange } from '@holdfast/tuning';

/** A change that a session made; `since_ms`: when the pass that made it began. */
export interface SessionChange extends AppliedChange {
  readonly since_ms: number;
}

/**
 * What was applied to a workload: what its own annotations tell of, and what of the session they do not. The same change
 * in both is one: a budget counts changes, and their times differ by what an apply takes.
 */
export const mergeHistories = (
  told: readonly AppliedChange[],
  session: readonly SessionChange[],
): AppliedChange[] => {
  const isTold = ({ chord, knob, at_ms, since_ms }: SessionChange): boolean =>
    told.some(
      (one) =>
        one.chord === chord &&
        (one.knob === knob || one.knob === '') &&
        one.at_ms >= Math.floor(since_ms) &&
        one.at_ms <= at_ms,
    );
  return [...told, ...session.filter((change) => !isTold(change))];
};
