import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentOf } from './environment.ts';
import { createSampleSeries } from './sample-series.ts';
import { telemetryOf } from './telemetry-points.ts';

const seriesOf = (length: number) => {
  const series = createSampleSeries();
  for (let row = 0; row < length; row += 1) series.addRow(row, row, 0, row, row);
  return series;
};

describe('the telemetry of a report', () => {
  it('has a point for every sample up to 2000, and 2000 with both ends beyond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), (length) => {
        const { sample_count, points } = telemetryOf(seriesOf(length));
        expect(sample_count).toBe(length);
        expect(points).toHaveLength(Math.min(length, 2000));
        expect(points[0]?.ts_ms).toBe(length === 0 ? undefined : 0);
        expect(points.at(-1)?.ts_ms).toBe(length === 0 ? undefined : length - 1);
      }),
      { numRuns: 30 },
    );
  });

  it('spreads points by floor(i * (n - 1) / 1999)', () => {
    const { points } = telemetryOf(seriesOf(5000));
    expect(points[1]?.ts_ms).toBe(2);
    expect(points[1000]?.ts_ms).toBe(2500);
  });

  it('says null for what was not measured and leaves out what is not known', () => {
    const series = createSampleSeries();
    series.addRow(5, 100, 0, 100, 100);
    series.add({
      timestamp_ms: 6,
      latency_ms: 101,
      throughput: 3,
      loss: 0,
      step: 0,
      node: 'n',
      gpu_model: 'g',
      gpu_util_pct: 0,
      gpu_mem_util_pct: 1,
      worker_latencies_ms: [],
    });
    expect(telemetryOf(series).points).toEqual([
      {
        ts_ms: 5,
        latency_ms: 100,
        loss: null,
        gpu_util_pct: null,
        gpu_mem_util_pct: null,
        throughput: 0,
      },
      {
        ts_ms: 6,
        latency_ms: 101,
        loss: 0,
        gpu_util_pct: 0,
        gpu_mem_util_pct: 1,
        throughput: 3,
        step: 0,
        node: 'n',
        gpu_model: 'g',
      },
    ]);
  });
});

describe('the environment of a window', () => {
  it('is unstable with more than one node or GPU model, and says which', () => {
    const series = createSampleSeries();
    series.addRow(0, 1, 0, 1, 1, undefined, undefined, undefined, undefined, 'n2', 'A');
    expect(environmentOf(series)).toEqual({
      nodes_seen: ['n2'],
      gpu_models_seen: ['A'],
      unstable: false,
      notes: [],
    });
    series.addRow(1, 1, 0, 1, 1, undefined, undefined, undefined, undefined, 'n1', 'B');
    expect(environmentOf(series)).toEqual({
      nodes_seen: ['n1', 'n2'],
      gpu_models_seen: ['A', 'B'],
      unstable: true,
      notes: ['multiple_nodes_seen', 'multiple_gpu_models_seen'],
    });
  });
});
