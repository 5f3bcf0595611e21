import { describe, expect, it } from 'vitest';
import { compareKnobs, knobDriftSignals } from './knob-drift.ts';

describe('drift of the knobs of a workload', () => {
  it('is any difference from the targets, also one that is not there or no integer', () => {
    const drifts = (grad_accum_steps: string, microbatch_size: string) =>
      compareKnobs({ grad_accum_steps, microbatch_size }).drift;
    expect(drifts('8', '32')).toBe(false);
    expect(drifts('4', '32')).toBe(true);
    expect(drifts('8', '32.0')).toBe(true);
    expect(compareKnobs({ grad_accum_steps: '8' })).toEqual({
      drift: true,
      observed_knobs: { grad_accum_steps: '8', microbatch_size: null },
      targets: { grad_accum_steps: 8, microbatch_size: 32 },
    });
  });

  it('is measured against what makes up a declared batch', () => {
    const state = { knobs: {}, history: [], replicas: 4, global_batch: 256 };
    expect(compareKnobs({ grad_accum_steps: '8', microbatch_size: '8' }, state)).toMatchObject({
      drift: false,
      targets: { grad_accum_steps: 8, microbatch_size: 8 },
    });
  });

  it('says where it comes from', () => {
    const drift = compareKnobs({});
    expect(knobDriftSignals(drift)).toMatchObject({
      drift: true,
      incident: true,
      notes: ['k8s_deployment_template_knobs', 'k8s_knob_drift'],
    });
    expect(knobDriftSignals({ ...drift, drift: false })).toMatchObject({ stable: true, notes: [] });
  });
});
