import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampleSeries } from '../samples/sample-series.ts';
import { detectSignals, signalsOf } from '../signals/detect-signals.ts';
import { driftWindow } from '../test-support/drift-window.ts';
import { estimateOpportunity } from './estimate-opportunity.ts';
import { round6 } from './round.ts';
import { summariseValue } from './summarise-value.ts';

const inputs = () => {
  const series = driftWindow();
  return { series, signals: detectSignals(series), window_s: 59 };
};

describe('the opportunity of a window', () => {
  it('is that of the contract for a minute of drift', () => {
    expect(estimateOpportunity(inputs())).toMatchObject({
      opportunity_hours_est: 0.000819,
      opportunity_tokens_est: 2944.549807,
      opportunity_usd_est: 0,
      opportunity_assumptions: {
        active_signals: ['drift'],
        baseline_window_s: 59,
        opportunity_fraction: 0.05,
        throughput_avg_per_s: 998.152477,
        gpu_count: 0,
        gpu_hour_usd: 0,
      },
    });
  });

  it('multiplies unrounded hours by price and number of GPUs', () => {
    const priced = estimateOpportunity({ ...inputs(), gpu_hour_usd: 2.5, gpu_count: 8 });
    expect(priced.opportunity_usd_est).toBe(0.016389);
  });

  it('counts 5 % a signal', () => {
    const signals = signalsOf({ drift: true, burst: true, straggler: true, gpu_saturated: true });
    const { opportunity_assumptions } = estimateOpportunity({ ...inputs(), signals });
    expect(opportunity_assumptions).toMatchObject({ opportunity_fraction: 0.2 });
  });

  it('counts samples without throughput neither as zero nor at all', () => {
    const series = createSampleSeries();
    series.addRow(0, 1, 0, 1, 1);
    series.addRow(1000, 1, 50, 1, 1);
    const { opportunity_assumptions } = estimateOpportunity({ ...inputs(), series });
    expect(opportunity_assumptions).toMatchObject({ throughput_avg_per_s: 50 });
  });
});

describe('the value summary', () => {
  it('is that of the contract for a minute of drift', () => {
    const summary = summariseValue(inputs());
    expect(summary).toMatchObject({
      schema_version: 'value_summary.v0',
      opportunity_hours_est: 0.000819,
      throughput: { step_time_ms_p50: 123.468323, step_time_ms_p95: 132.716978 },
      cost_model: { schema_version: 'cost_model.v0', usd_per_gpu_hour: null, gpus_per_job: null },
      value_estimates: { gpu_hours_leak_est: 0.000819, usd_leak_est: null },
    });
    expect(summary.assumptions).toEqual([...summary.assumptions].sort());
    expect(summary.assumptions).toHaveLength(6);
  });

  it('prices the rounded hours of all GPUs', () => {
    const summary = summariseValue({ ...inputs(), gpu_hour_usd: 2.5, gpu_count: 8 });
    expect(summary.value_estimates).toEqual({
      gpu_hours_leak_est: 0.006552,
      usd_leak_est: 0.01638,
    });
    expect(summary.assumptions).toHaveLength(4);
  });

  it('counts a job of no GPUs as one', () => {
    const { value_estimates } = summariseValue({ ...inputs(), gpu_hour_usd: 1, gpu_count: 0 });
    expect(value_estimates).toEqual({ gpu_hours_leak_est: 0.000819, usd_leak_est: 0.000819 });
  });

  it('has no quantiles of no samples', () => {
    const series = createSampleSeries();
    const summary = summariseValue({ series, signals: detectSignals(series), window_s: 0 });
    expect(summary.throughput).toEqual({ step_time_ms_p50: null, step_time_ms_p95: null });
    expect(summary.value_estimates.gpu_hours_leak_est).toBe(0);
  });
});

describe('rounding to six decimals', () => {
  it('sends exact halves to the even digit and everything else to the nearest', () => {
    expect(round6(0.0078125)).toBe(0.007812);
    expect(round6(0.0234375)).toBe(0.023438);
    expect(round6(-0.0078125)).toBe(-0.007812);
    expect(round6(1.0000005)).toBe(1.000001);
    expect(round6(0.1 + 0.2)).toBe(0.3);
  });

  it('is never further off than half a digit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (value) => {
        expect(Math.abs(round6(value) - value)).toBeLessThanOrEqual(5.000001e-7);
      }),
    );
  });
});
