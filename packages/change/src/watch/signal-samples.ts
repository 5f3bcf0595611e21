import type { SignalSample, SignalSpec } from '@holdfast/contracts';

/** Fewer than this say nothing about a signal. */
export const MIN_SAMPLES = 2;
export const MAX_SAMPLES = 60;
const EVERY_MS = 1_000;

/**
 * When to measure within a window, in ms from its start: about once a second, at both ends, at least MIN_SAMPLES and
 * at most MAX_SAMPLES times. Beyond a minute the samples lie further apart.
 */
export const sampleTimes = (windowMs: number): number[] => {
  const wished = Math.floor(windowMs / EVERY_MS) + 1;
  const count = Math.min(MAX_SAMPLES, Math.max(MIN_SAMPLES, wished));
  return Array.from({ length: count }, (_, index) => Math.round((windowMs * index) / (count - 1)));
};

/** A sample of which nothing is known. */
export const emptySample = (specs: readonly SignalSpec[], at: string): SignalSample => ({
  at,
  values: Object.fromEntries(specs.map(({ name }) => [name, null])),
});

/** Why a signal cannot be judged by these samples; undefined when it can. Every sample has to hold a number. */
export const missingData = (name: string, samples: readonly SignalSample[]): string | undefined => {
  if (samples.length < MIN_SAMPLES)
    return `${samples.length} samples of ${name}, at least ${MIN_SAMPLES} are needed`;
  const gaps = samples.filter(({ values }) => !isMeasured(values, name));
  if (gaps.length === 0) return undefined;
  return `${name} could not be measured in ${gaps.length} of ${samples.length} samples`;
};

const isMeasured = (values: SignalSample['values'], name: string): boolean =>
  Object.hasOwn(values, name) && Number.isFinite(values[name]);
