import { describe, expect, it } from 'vitest';
import { createSampleSeries } from '../samples/sample-series.ts';
import { driftWindow } from '../test-support/drift-window.ts';
import { activeSignals, detectSignals } from './detect-signals.ts';

interface Row {
  latency?: number;
  loss?: number;
  workers?: number[];
  util?: number;
  mem?: number;
}

const detect = (rows: readonly Row[]) => {
  const series = createSampleSeries();
  for (const [row, { latency = 100, loss, workers = [], util, mem }] of rows.entries())
    series.add({
      timestamp_ms: row * 1000,
      latency_ms: latency,
      throughput: 1,
      loss,
      gpu_util_pct: util,
      gpu_mem_util_pct: mem,
      worker_latencies_ms: workers,
    });
  return detectSignals(series);
};

describe('signals', () => {
  it('are stable with a note when there are no samples', () => {
    expect(detect([])).toEqual({
      incident: false,
      stable: true,
      drift: false,
      burst: false,
      straggler: false,
      gpu_saturated: false,
      notes: ['no_samples'],
    });
  });

  it('say drift when the last quarter of the losses exceeds the first by more than 15 %', () => {
    const losses = (last: number) => [1, 1, 1, 1, 1, 1, last, last].map((loss) => ({ loss }));
    expect(detect(losses(1.14)).drift).toBe(false);
    expect(detect(losses(1.16))).toMatchObject({ drift: true, incident: true, stable: false });
    expect(detect(losses(1.16)).notes).toEqual(['loss_drift']);
  });

  it('count only samples that have a loss, and say so when none has', () => {
    expect(detect([{ loss: 1 }, {}, {}, {}, {}, {}, {}, { loss: 2 }]).drift).toBe(true);
    expect(detect([{}, {}]).notes).toEqual(['loss_missing']);
    expect(detect([{}, {}]).stable).toBe(true);
  });

  it('say burst when a latency exceeds one and a half times the median', () => {
    const rows = (peak: number) => [100, 100, 100, peak].map((latency) => ({ latency, loss: 1 }));
    expect(detect(rows(150)).burst).toBe(false);
    expect(detect(rows(151))).toMatchObject({ burst: true, notes: ['latency_burst'] });
  });

  it('say straggler when the slowest workers are on average 1.6 times the middle ones', () => {
    const rows = (slow: number) => [{ loss: 1, workers: [100, 100, slow] }];
    expect(detect(rows(160)).straggler).toBe(false);
    expect(detect(rows(161))).toMatchObject({ straggler: true, notes: ['straggler_detected'] });
  });

  it('say saturated from 90 % of compute or of memory', () => {
    expect(detect([{ loss: 1, util: 89.9, mem: 89.9 }]).gpu_saturated).toBe(false);
    expect(detect([{ loss: 1, util: 90 }]).gpu_saturated).toBe(true);
    expect(detect([{ loss: 1, mem: 90 }]).notes).toEqual(['gpu_saturated']);
  });

  it('list several in one order', () => {
    const signals = detect([
      { workers: [100, 100, 500], util: 99 },
      { latency: 100 },
      { latency: 900, workers: [100, 100, 500] },
    ]);
    expect(signals.notes).toEqual([
      'loss_missing',
      'latency_burst',
      'straggler_detected',
      'gpu_saturated',
    ]);
    expect(activeSignals(signals)).toEqual(['burst', 'straggler', 'gpu_saturated']);
  });

  it('find drift and nothing else in the window of the contract', () => {
    expect(activeSignals(detectSignals(driftWindow()))).toEqual(['drift']);
  });
});
