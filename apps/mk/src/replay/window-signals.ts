import { detectSignals, SIGNAL_NAMES, signalsOf, type SampleSeries } from '@holdfast/tuning';
import type { Signals } from '@holdfast/tuning';
import { splitWindows } from './split-windows.ts';

/** A window of a recording, as far as a policy looks at it. */
export interface WindowFacts {
  readonly start_ms: number;
  readonly sample_count: number;
  readonly signals: Signals;
}

/** The windows of a recording, to be gone through as often as is wanted. */
export interface RecordedWindows extends Iterable<WindowFacts> {
  readonly length: number;
}

const LOSS_MISSING = 1 << SIGNAL_NAMES.length;

const bitsOf = (signals: Signals): number =>
  SIGNAL_NAMES.reduce(
    (bits, name, place) => bits | (signals[name] ? 1 << place : 0),
    signals.notes.includes('loss_missing') ? LOSS_MISSING : 0,
  );

const ofBits = (bits: number): Signals => {
  const on = (place: number): boolean => (bits & (1 << place)) !== 0;
  const [drift, burst, straggler, gpu_saturated] = SIGNAL_NAMES.map((_, place) => on(place));
  const signals = signalsOf({
    drift: drift!,
    burst: burst!,
    straggler: straggler!,
    gpu_saturated: gpu_saturated!,
  });
  if ((bits & LOSS_MISSING) !== 0) signals.notes.unshift('loss_missing');
  return signals;
};

const FIRST_WINDOWS = 1024;

const twiceAs = <A extends Float64Array | Uint32Array | Uint8Array>(array: A): A => {
  const longer = new (array.constructor as new (length: number) => A)(2 * array.length);
  longer.set(array);
  return longer;
};

/** Reads the signals of every window once. What is kept is 13 bytes a window, whatever the number of its samples. */
export const readWindows = (series: SampleSeries, windowMs: number): RecordedWindows => {
  let starts = new Float64Array(FIRST_WINDOWS);
  let counts = new Uint32Array(FIRST_WINDOWS);
  let bits = new Uint8Array(FIRST_WINDOWS);
  let length = 0;
  for (const { start_ms, series: window } of splitWindows(series, windowMs)) {
    if (length === starts.length) {
      [starts, counts, bits] = [twiceAs(starts), twiceAs(counts), twiceAs(bits)];
    }
    starts[length] = start_ms;
    counts[length] = window.length;
    bits[length] = bitsOf(detectSignals(window));
    length += 1;
  }
  return {
    length,
    *[Symbol.iterator]() {
      for (let at = 0; at < length; at += 1)
        yield { start_ms: starts[at]!, sample_count: counts[at]!, signals: ofBits(bits[at]!) };
    },
  };
};
