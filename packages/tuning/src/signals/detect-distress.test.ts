import { describe, expect, it } from 'vitest';
import { createSampleSeries } from '../samples/sample-series.ts';
import { detectDistress, distressEvidence } from './detect-distress.ts';

interface Step {
  latency?: number;
  rate?: number;
  util?: number;
  worst?: number;
  step?: number;
}

const QUIET = { comm_congestion: false, near_hang: false };

/** 40 samples: 100 ms and a rate of 10 each, `late` from the given row on. */
const detect = (from: number, late: Step | ((row: number) => Step), rows = 40) => {
  const series = createSampleSeries();
  for (let row = 0; row < rows; row += 1) {
    const own = row < from ? {} : typeof late === 'function' ? late(row) : late;
    const { latency = 100, rate = 1000 / latency, util = 80, worst = 1, step = row } = own;
    series.addRow(row * 1000, latency, rate, latency * worst, latency, 1, util, undefined, step);
  }
  return detectDistress(series);
};

describe('a congested exchange', () => {
  it('is slower steps of all workers on busy GPUs, for good', () => {
    expect(detect(20, { latency: 140 })).toEqual({ ...QUIET, comm_congestion: true });
  });

  it.each([
    ['steps are only a little slower', { latency: 115 }],
    ['as much work is done in a second', { latency: 140, rate: 10 }],
    ['the GPUs wait for input', { latency: 140, util: 60 }],
    ['one worker is the cause', { latency: 140, worst: 2 }],
    ['nothing is known of the throughput', { latency: 140, rate: 0 }],
    ['nothing is known of the GPUs', { latency: 140, util: Number.NaN }],
  ])('is not one when %s', (_why, late) => {
    expect(detect(20, late)).toEqual(QUIET);
  });

  it('is not one when it is over', () => {
    expect(detect(10, (row) => (row < 30 ? { latency: 140 } : {}))).toEqual(QUIET);
  });
});

describe('a job that is about to hang', () => {
  it('takes many times as long for its last three steps', () => {
    expect(detect(37, { latency: 500 })).toEqual({ ...QUIET, near_hang: true });
  });

  it('is not one that paused for two steps, or went on after three', () => {
    expect(detect(38, { latency: 500 })).toEqual(QUIET);
    expect(detect(34, (row) => (row < 37 ? { latency: 500 } : {}))).toEqual(QUIET);
  });

  it('is not one whose long steps do as much work in a second', () => {
    expect(detect(37, { latency: 500, rate: 10 })).toEqual(QUIET);
  });

  it('may report samples and no longer advance', () => {
    expect(detect(34, { step: 33 })).toEqual({ ...QUIET, near_hang: true });
    expect(detect(37, { step: 36 })).toEqual(QUIET);
  });

  it('is not one that never counted its steps', () => {
    expect(detect(0, { step: 0 })).toEqual(QUIET);
    expect(detect(0, { step: Number.NaN })).toEqual(QUIET);
  });

  it('is found where the source knows no throughput', () => {
    expect(detect(0, (row) => ({ rate: 0, latency: row < 37 ? 100 : 500 })).near_hang).toBe(true);
  });
});

describe('distress', () => {
  it('is not looked for in less than 20 samples', () => {
    expect(detect(15, { latency: 900 }, 19)).toEqual(QUIET);
    expect(detect(15, { latency: 900 }, 20).near_hang).toBe(true);
  });

  it('is evidence by name', () => {
    expect(distressEvidence(QUIET)).toEqual([]);
    expect(distressEvidence({ comm_congestion: true, near_hang: true })).toEqual([
      'comm_congestion',
      'near_hang',
    ]);
  });
});
