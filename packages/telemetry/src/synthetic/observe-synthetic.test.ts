import { describe, expect, test } from 'vitest';
import { observeSynthetic } from './observe-synthetic.ts';
import { PYTHON_SCENARIOS } from './python-values.fixture.ts';

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position % 1);
};
const columnOf = (scenario: string, durationMs: number, column: 'latency_ms' | 'throughput') => [
  ...observeSynthetic(scenario, durationMs).series.values(column),
];
const rowsOf = (scenario: string) => {
  const { series } = observeSynthetic(scenario, 10_000);
  return Array.from({ length: series.length }, (_, row) => [
    series.value('loss', row),
    series.value('latency_ms', row),
    series.value('worker_max', row),
  ]);
};

describe('a synthetic source', () => {
  test.each(Object.entries(PYTHON_SCENARIOS))('gives the samples of %s', (scenario, expected) => {
    const { series, window_s } = observeSynthetic(scenario, 60_000);
    expect(series.length).toBe(60);
    expect(window_s).toBe(59);
    for (const [row, loss, latency, throughput, workerMax, workerMedian] of expected.rows) {
      // The engine's sine may differ from the C library's in the last bit.
      expect(series.value('timestamp_ms', row)).toBe(row * 1000);
      expect(series.value('loss', row)).toBeCloseTo(loss, 12);
      expect(series.value('latency_ms', row)).toBeCloseTo(latency, 10);
      expect(series.value('throughput', row)).toBeCloseTo(throughput, 9);
      expect(series.value('worker_max', row)).toBeCloseTo(workerMax, 10);
      expect(series.value('worker_median', row)).toBeCloseTo(workerMedian, 10);
    }
    const latencies = columnOf(scenario, 60_000, 'latency_ms');
    expect(quantile(latencies, 0.5)).toBeCloseTo(expected.p50, 9);
    expect(quantile(latencies, 0.95)).toBeCloseTo(expected.p95, 9);
  });

  test('a minute of drift has the published quantiles and throughput', () => {
    const latencies = columnOf('drift', 60_000, 'latency_ms');
    expect(quantile(latencies, 0.5).toFixed(6)).toBe('123.468323');
    expect(quantile(latencies, 0.95).toFixed(6)).toBe('132.716978');
    const throughput = columnOf('drift', 60_000, 'throughput');
    const mean = throughput.reduce((a, b) => a + b) / throughput.length;
    expect((mean * 59 * 0.05).toFixed(6)).toBe('2944.549807');
  });

  test.each(['gc', 'timeout', '', 'toString', '__proto__', 'constructor'])(
    'takes the unknown scenario %j for the baseline',
    (scenario) => expect(rowsOf(scenario)).toEqual(rowsOf('baseline')),
  );

  test.each([
    [0, 1],
    [999, 1],
    [1000, 1],
    [2999, 2],
    [3_600_000, 3600],
  ])('makes of %i ms %i samples', (durationMs, count) => {
    expect(observeSynthetic('baseline', durationMs).series.length).toBe(count);
  });

  test('has no raw lines to record', () => {
    const { record } = observeSynthetic('drift', 1000, { recordTo: 'raw.jsonl' });
    expect(record).toEqual({ path: 'raw.jsonl', lines_written: 0, error: 'unsupported_source' });
  });
});
