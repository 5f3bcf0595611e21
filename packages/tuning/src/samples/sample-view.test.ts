import fc from 'fast-check';
import { expect, it } from 'vitest';
import { detectSignals } from '../signals/detect-signals.ts';
import { copyRow } from './copy-row.ts';
import { createSampleSeries } from './sample-series.ts';
import { viewRows } from './sample-view.ts';

const value = fc.oneof(fc.constant(Number.NaN), fc.double({ min: -5, max: 500, noNaN: true }));

it('says of some rows what a copy of them says, in any order', () => {
  const rows = fc.array(
    fc.tuple(fc.double({ min: 0, max: 500, noNaN: true }), value, value, value),
  );
  fc.assert(
    fc.property(rows, fc.nat(20), fc.nat(20), fc.boolean(), (tuples, start, count, backwards) => {
      const series = createSampleSeries();
      for (const [index, [latency, worker, loss, util]] of tuples.entries())
        series.addRow(index, latency, 0, worker, worker, loss, util);
      const from = Math.min(start, tuples.length);
      const to = Math.min(from + count, tuples.length);
      const rowAt = (at: number): number => (backwards ? tuples.length - 1 - at : at);
      const copy = createSampleSeries();
      for (let at = from; at < to; at += 1) copyRow(series, rowAt(at), copy);
      const view = viewRows(series, from, to, rowAt);
      expect(view.length).toBe(copy.length);
      expect(view.hasWorkers).toBe(copy.hasWorkers);
      expect(view.values('loss')).toEqual(copy.values('loss'));
      expect(detectSignals(view)).toEqual(detectSignals(copy));
    }),
  );
});
