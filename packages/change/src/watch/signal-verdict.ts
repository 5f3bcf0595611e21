import type { SignalSample, SignalSpec } from '@holdfast/contracts';
import type { WatchVerdict } from './observation-verdict.ts';
import { missingData } from './signal-samples.ts';

/** How one signal did. `before` and `after` are medians; null where they could not be measured. */
export interface SignalJudgement {
  readonly name: string;
  readonly pass: boolean;
  readonly reason: string;
  readonly before: number | null;
  readonly after: number | null;
}

export interface SignalVerdict extends WatchVerdict {
  readonly signals: readonly SignalJudgement[];
}

/**
 * The median, because a window holds a few dozen samples and single ones are wrong: the peak of one timer must neither
 * undo a sound change nor, in the baseline, excuse a bad one, as it would with the mean. With an even count it is the
 * mean of the middle two, which cannot overflow. No sample made worse makes it better.
 */
const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : sorted[middle - 1]! / 2 + upper / 2;
};

const medianOf = (name: string, samples: readonly SignalSample[]): number =>
  median(samples.map(({ values }) => values[name]!));

const shown = (value: number): string => String(Number(value.toPrecision(6)));

const judge = (
  spec: SignalSpec,
  baseline: readonly SignalSample[],
  watched: readonly SignalSample[],
): SignalJudgement => {
  const { name, unit, direction, max_regression, min_change } = spec;
  const unknown = [
    ['before the change', missingData(name, baseline)],
    ['after the change', missingData(name, watched)],
  ].find(([, why]) => why !== undefined);
  if (unknown)
    return { name, pass: false, reason: `${unknown[0]}: ${unknown[1]}`, before: null, after: null };

  const before = medianOf(name, baseline);
  const after = medianOf(name, watched);
  const worse = direction === 'lower_is_better' ? after - before : before - after;
  const allowed = Math.max(min_change, max_regression * Math.abs(before));
  // Not `worse > allowed`: a comparison that is not a number must not pass.
  const pass = worse <= allowed;
  const moved = `${name} went from ${shown(before)} to ${shown(after)} ${unit}`.trimEnd();
  const limit = `${shown(allowed)} worse is allowed, ${direction.replaceAll('_', ' ')}`;
  return { name, pass, reason: `${moved}; ${limit}`, before, after };
};

/**
 * Judges what was measured after a change against what was measured before it, signal by signal: the median may be
 * worse, in the signal's own direction, by `max_regression` of the baseline's median or by `min_change`, whichever is
 * more. What was not measured, too seldom, or is no number fails: nobody knows that it is well.
 */
export const signalVerdict = (
  specs: readonly SignalSpec[],
  baseline: readonly SignalSample[],
  watched: readonly SignalSample[],
): SignalVerdict => {
  const signals = specs.map((spec) => judge(spec, baseline, watched));
  const failed = signals.filter(({ pass }) => !pass);
  const reason =
    failed.length > 0
      ? failed.map((one) => one.reason).join('; ')
      : `${specs.length} signals are no worse than before`;
  return { pass: failed.length === 0, reason, signals };
};
