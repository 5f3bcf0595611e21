import { createSampleSeries, detectSignals, KNOBS, type SampleSeries } from '@holdfast/tuning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policySummary, policyTimeline, summaryDifference } from '../roi/policy-timeline.ts';
import { replayPolicy } from './replay-policy.ts';
import { splitWindows } from './split-windows.ts';
import { readWindows } from './window-signals.ts';

const WINDOW_MS = 10_000;

/** Ten samples for each letter: `x` is an interval with a burst, anything else a calm one. */
const seriesOf = (intervals: string): SampleSeries => {
  const series = createSampleSeries();
  for (const [index, letter] of [...intervals].entries())
    for (let at = 0; at < 10; at += 1) {
      const latency = letter === 'x' && at === 7 ? 900 : 100;
      series.addRow(index * WINDOW_MS + at * 1000, latency, 0, latency, latency, 1);
    }
  return series;
};

const modes = (intervals: string): string[] =>
  Array.from(
    policyTimeline('chord', readWindows(seriesOf(intervals), WINDOW_MS)),
    ({ mode }) => mode,
  );

const intervals = fc.string({ unit: fc.constantFrom('x', '.'), minLength: 1, maxLength: 30 });

describe('a replay of a policy', () => {
  it('recovers once after an incident, and locks again after two calm intervals', () => {
    expect(modes('.x...')).toEqual(['HOLD', 'INCIDENT', 'RECOVER', 'HOLD', 'RELOCK']);
    expect(modes('xx.x....')).toEqual([
      ...['INCIDENT', 'INCIDENT', 'RECOVER', 'INCIDENT', 'RECOVER', 'HOLD', 'RELOCK', 'HOLD'],
    ]);
  });

  it('never recovers in an incident, nor locks before it has recovered', () => {
    const property = fc.property(intervals, (text) => {
      const seen = modes(text);
      let last = '';
      for (const [tick, mode] of seen.entries()) {
        expect(mode === 'INCIDENT').toBe(text[tick] === 'x');
        if (mode === 'RECOVER') expect(last).toBe('INCIDENT');
        if (mode === 'RELOCK') expect(last).toBe('RECOVER');
        if (mode !== 'HOLD') last = mode;
      }
    });
    fc.assert(property);
  });

  it('moves knobs from where it had left them, within their range, and counts what moved', () => {
    const property = fc.property(intervals, fc.constantFrom('chord', 'scalar'), (text, policy) => {
      const recorded = readWindows(seriesOf(text), WINDOW_MS);
      const windows = [...replayPolicy(policy as 'chord' | 'scalar', recorded)];
      const knobs = new Map<string, number>();
      for (const { knob, from, to } of windows.flatMap((window) => window.changed_knobs)) {
        const { min, max, start } = KNOBS[knob]!;
        expect(from).toBe(knobs.get(knob) ?? start);
        expect(to).toBeGreaterThanOrEqual(min);
        expect(to).toBeLessThanOrEqual(max);
        expect(to).not.toBe(from);
        knobs.set(knob, to);
      }
    });
    fc.assert(property);
  });

  it('shows that the chords settle where one knob goes on and on', () => {
    const before = policySummary('scalar', readWindows(seriesOf('xxxx'), WINDOW_MS));
    const after = policySummary('chord', readWindows(seriesOf('xxxx'), WINDOW_MS));
    expect(before.apply_steps).toBe(3);
    expect(after).toMatchObject({ apply_steps: 1, changes_by_knob: { concurrency: 1 } });
    expect(summaryDifference(before, after)).toMatchObject({ apply_steps: -2 });
  });

  it('looks at the signals that the samples of each window have', () => {
    const property = fc.property(intervals, fc.integer({ min: 1, max: 50_000 }), (text, ms) => {
      const series = seriesOf(text);
      const found = Array.from(readWindows(series, ms));
      const expected = Array.from(splitWindows(series, ms), (window) => ({
        start_ms: window.start_ms,
        sample_count: window.series.length,
        signals: detectSignals(window.series),
      }));
      expect(found).toEqual(expected);
    });
    fc.assert(property);
  });

  it('says nothing of nothing', () => {
    const windows = readWindows(createSampleSeries(), WINDOW_MS);
    expect([...policyTimeline('chord', windows)]).toEqual([]);
    expect(policySummary('chord', windows)).toMatchObject({ ticks: 0, apply_steps: 0 });
  });
});
