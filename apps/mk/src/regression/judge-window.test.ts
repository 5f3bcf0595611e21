import { createSampleSeries, type SampleSeries } from '@holdfast/tuning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeWindow } from './judge-window.ts';

const APPLIED = 1_000_000;

/** Steps of so many ms, one a second, from `fromMs` on. */
const seriesOf = (
  fromMs: number,
  steps: readonly number[],
  throughput: readonly number[] = [],
): SampleSeries => {
  const series = createSampleSeries();
  for (const [at, step] of steps.entries())
    series.addRow(fromMs + at, step, throughput[at] ?? 0, step, step);
  return series;
};

const step = fc.double({ min: 1, max: 1e5, noNaN: true });
const steps = fc.array(step, { minLength: 2, maxLength: 150 });
const judge = (before: readonly number[], after: readonly number[]) =>
  judgeWindow(seriesOf(0, before), seriesOf(APPLIED, after), APPLIED);

describe('the verdict over the window of an apply', () => {
  it('passes what is as it was', () => {
    const property = fc.property(steps, (same) => {
      expect(judge(same, same).pass).toBe(true);
    });
    fc.assert(property);
  });

  it('never passes slower steps where quicker ones fail', () => {
    const property = fc.property(
      steps,
      steps,
      fc.double({ min: 1, max: 50, noNaN: true }),
      (a, b, by) => {
        const slower = b.map((one) => one * by);
        if (judge(a, slower).pass) expect(judge(a, b).pass).toBe(true);
      },
    );
    fc.assert(property);
  });

  it('fails whenever every step is more than a tenth slower than all before, and by more than 1 ms', () => {
    const property = fc.property(steps, steps, (before, more) => {
      const most = Math.max(...before);
      expect(
        judge(
          before,
          more.map((one) => most * 1.1 + 1 + one),
        ).pass,
      ).toBe(false);
    });
    fc.assert(property);
  });

  it('fails without samples on either side of the apply', () => {
    const property = fc.property(steps, fc.array(step, { maxLength: 1 }), (many, few) => {
      expect(judge(many, few).pass).toBe(false);
      expect(judge(few, many).pass).toBe(false);
    });
    fc.assert(property);
  });

  it('looks at no sample of the other side', () => {
    const both = seriesOf(APPLIED - 3, [100, 100, 100, 500, 500, 500]);
    const { pass, sample_count, signals } = judgeWindow(both, both, APPLIED);
    expect({ pass, sample_count }).toEqual({ pass: false, sample_count: 3 });
    expect(signals).toMatchObject([{ before: 100, after: 500 }]);
  });

  it('watches the throughput where it was known before, and fails where it is gone', () => {
    const before = seriesOf(0, [9, 9, 9], [50, 50, 50]);
    const verdictOf = (throughput: number[]) =>
      judgeWindow(before, seriesOf(APPLIED, [9, 9, 9], throughput), APPLIED).pass;
    expect(verdictOf([50, 46, 60])).toBe(true);
    expect(verdictOf([40, 40, 60])).toBe(false);
    expect(verdictOf([50, 50, 0])).toBe(false);
    expect(judge([9, 9], [9, 9]).signals).toHaveLength(1);
  });
});
