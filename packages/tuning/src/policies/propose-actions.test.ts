import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../chords/catalog.ts';
import { isKnobValue, knobOf } from '../knobs/knob-registry.ts';
import { signalsOf } from '../signals/detect-signals.ts';
import { arbitrarySignals } from '../test-support/arbitraries.ts';
import { initialPlannerState, nextPlannerState } from './planner-state.ts';
import { proposeActions } from './propose-actions.ts';

const NONE = { drift: false, burst: false, straggler: false, gpu_saturated: false };
const brief = (on: Partial<typeof NONE>) =>
  proposeActions('chord', signalsOf({ ...NONE, ...on })).map(
    ({ knob, target, reason, chord }) => `${knob}=${target} ${reason} ${chord}`,
  );

describe('the chord policy', () => {
  it('does nothing to a stable workload', () => {
    expect(brief({})).toEqual([]);
  });

  it('answers each signal with its fixed targets', () => {
    expect(brief({ drift: true })).toEqual([
      'grad_accum_steps=8 drift_detected DRIFT-RETUNE',
      'microbatch_size=32 drift_detected DRIFT-RETUNE',
    ]);
    expect(brief({ burst: true })).toEqual([
      'dataloader_prefetch_factor=2 latency_burst BURST-ABSORB',
      'concurrency=4 latency_burst BURST-ABSORB',
    ]);
    expect(brief({ straggler: true })).toEqual([
      'dataloader_num_workers=2 straggler_detected INPUT-STRAGGLER',
      'timeout_ms=15000 straggler_detected TIMEOUT-GUARD',
    ]);
    expect(brief({ gpu_saturated: true })).toEqual([
      'microbatch_size=16 gpu_saturated BURST-ABSORB',
    ]);
  });

  it('lets a saturated GPU decide the microbatch', () => {
    expect(brief({ drift: true, gpu_saturated: true })).toEqual([
      'microbatch_size=16 gpu_saturated BURST-ABSORB',
      'grad_accum_steps=8 drift_detected DRIFT-RETUNE',
    ]);
  });

  it('proposes nothing that its catalog or the registry does not know', () => {
    fc.assert(
      fc.property(arbitrarySignals, fc.constantFrom('chord', 'scalar'), (signals, policy) => {
        for (const { knob, target, chord } of proposeActions(policy, signals)) {
          expect(CATALOG.chords.find(({ id }) => id === chord)?.knobs_touched).toContain(knob);
          expect(isKnobValue(knobOf(knob)!, Number(target))).toBe(true);
        }
      }),
    );
  });
});

describe('the scalar policy', () => {
  const target = (on: Partial<typeof NONE>, knobs = {}) =>
    proposeActions('scalar', signalsOf({ ...NONE, ...on }), undefined, knobs).map(
      (action) => action.target,
    );

  it('eases concurrency by how hard the signals push', () => {
    expect(target({})).toEqual([]);
    expect(target({ drift: true })).toEqual([6]);
    expect(target({ drift: true, burst: true })).toEqual([5]);
    expect(target({ straggler: true })).toEqual([4]);
    expect(target({ gpu_saturated: true })).toEqual([4]);
  });

  it('starts from the present value where it is known and stops at the least one', () => {
    expect(target({ straggler: true }, { concurrency: 20 })).toEqual([16]);
    expect(target({ straggler: true }, { concurrency: 2 })).toEqual([1]);
  });
});

describe('a planner that follows intervals', () => {
  const run = (intervals: string, relockAfter?: number) => {
    let state = initialPlannerState(relockAfter);
    return [...intervals].map((letter) => {
      const signals = signalsOf({ ...NONE, drift: letter === 'x' });
      const knobs = proposeActions('chord', signals, state).map(({ knob }) => knob);
      state = nextPlannerState(state, signals);
      return knobs.includes('grad_accum_steps') ? 'act' : knobs.join();
    });
  };

  it('recovers once after an incident and locks again after two stable intervals', () => {
    const quiet = ['', '', ''];
    expect(run('..xx......')).toEqual([
      ...quiet.slice(1),
      'act',
      'act',
      '__recover__',
      '',
      '__relock__',
      ...quiet,
    ]);
  });

  it('starts over when an incident returns before the lock', () => {
    expect(run('x..x.')).toEqual(['act', '__recover__', '', 'act', '__recover__']);
  });

  it('takes another number of stable intervals', () => {
    expect(run('x...', 1)).toEqual(['act', '__recover__', '__relock__', '']);
  });
});
