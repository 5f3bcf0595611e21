import { createSampleSeries } from '@holdfast/tuning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitWindows } from './split-windows.ts';

const seriesOf = (times: readonly number[]) => {
  const series = createSampleSeries();
  for (const time of times)
    series.add({ timestamp_ms: time, latency_ms: 1, throughput: 0, worker_latencies_ms: [] });
  return series;
};

describe('windows of a recording', () => {
  it('hold every sample once, in the window of its time, whatever their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1e6 }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 1e5 }),
        (times, windowMs) => {
          const windows = [...splitWindows(seriesOf(times), windowMs)];
          const found = windows.flatMap(({ start_ms, series }) => {
            const inside = [...series.values('timestamp_ms')];
            for (const time of inside) {
              expect(time).toBeGreaterThanOrEqual(start_ms);
              expect(time).toBeLessThan(start_ms + windowMs);
            }
            return inside;
          });
          expect(found.toSorted((a, b) => a - b)).toEqual(times.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('are none where there is no sample', () => {
    expect([...splitWindows(seriesOf([]), 1000)]).toEqual([]);
  });
});
