import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../chords/catalog.ts';
import type { ChordCatalog } from '../chords/chord-catalog.ts';
import type { Action } from '../policies/action.ts';
import { signalsOf } from '../signals/detect-signals.ts';
import { arbitrarySignals, arbitraryState } from '../test-support/arbitraries.ts';
import { checkLimits, type LimitOptions } from './check-limits.ts';
import { decideActions } from './decide-actions.ts';
import { splitByEnvelope } from './envelope.ts';
import type { WorkloadState } from './workload-state.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const act = (chord: string, knob: string, target: number | string): Action => ({
  chord,
  knob,
  target,
  reason: 'r',
});
const stateOf = (state: Partial<WorkloadState> = {}): WorkloadState => ({
  knobs: {},
  history: [],
  ...state,
});
const reasons = (actions: Action[], options: Partial<LimitOptions> = {}) =>
  checkLimits(actions, {
    catalog: CATALOG,
    state: stateOf(),
    nowMs: NOW,
    cooldownS: 0,
    maxDeltaPerStep: 0,
    ...options,
  }).blocked.map(({ action, reason }) => `${action.knob} ${reason}`);
const appliedAgo = (ms: number, chord: string, knob: string) =>
  stateOf({ history: [{ chord, knob, at_ms: NOW - ms }] });

describe('limits', () => {
  it('refuse knobs that nobody or not this chord knows', () => {
    expect(reasons([act('SCALAR', 'hyperdrive', 1)])).toEqual(['hyperdrive unknown_knob']);
    expect(reasons([act('SCALAR', 'timeout_ms', 2000)])).toEqual(['timeout_ms unknown_knob']);
    expect(reasons([act('SCALAR', 'toString', 1)])).toEqual(['toString unknown_knob']);
  });

  it.each([0, 65, 4.5, Number.NaN, '4', Infinity])('refuse %s as a concurrency', (target) => {
    expect(reasons([act('SCALAR', 'concurrency', target)])).toEqual(['concurrency out_of_range']);
  });

  it('refuse a value between two steps', () => {
    const evidence = ['comm_congestion'];
    expect(reasons([act('COMM-CONGESTION', 'comm_bucket_mb', 24)], { evidence })).toEqual([
      'comm_bucket_mb out_of_range',
    ]);
    expect(reasons([act('COMM-CONGESTION', 'comm_bucket_mb', 32)], { evidence })).toEqual([]);
  });

  it('refuse an action that was taken back, long after its cooldown; another target is another action', () => {
    const reverted = [act('INPUT-STRAGGLER', 'dataloader_num_workers', 2)];
    const state = appliedAgo(86_400_000, 'INPUT-STRAGGLER', 'dataloader_num_workers');
    expect(reasons(reverted, { reverted, state })).toEqual([
      'dataloader_num_workers reverted_before',
    ]);
    const other = [act('INPUT-STRAGGLER', 'dataloader_num_workers', 3)];
    expect(reasons(other, { reverted, state })).toEqual([]);
  });

  it('keep the cooldown of a chord', () => {
    const actions = [act('INPUT-STRAGGLER', 'dataloader_num_workers', 2)];
    const after = (ms: number) =>
      reasons(actions, { state: appliedAgo(ms, 'INPUT-STRAGGLER', 'dataloader_num_workers') });
    expect(after(59_999)).toEqual(['dataloader_num_workers cooldown_active']);
    expect(after(60_000)).toEqual([]);
  });

  it('keep the general cooldown of a knob under whatever chord it was moved', () => {
    const actions = [act('SCALAR', 'concurrency', 4)];
    const state = appliedAgo(29_999, 'BURST-ABSORB', 'concurrency');
    expect(reasons(actions, { state, cooldownS: 30 })).toEqual(['concurrency cooldown_active']);
    expect(reasons(actions, { state, cooldownS: 29 })).toEqual([]);
  });

  it('count a change from the future as made now', () => {
    const state = appliedAgo(-9_999_999, 'SCALAR', 'concurrency');
    expect(reasons([act('SCALAR', 'concurrency', 4)], { state, cooldownS: 1 })).toEqual([
      'concurrency cooldown_active',
    ]);
  });

  it('spend a budget of changes an hour, where one change may move several knobs', () => {
    const guard = [act('TIMEOUT-GUARD', 'timeout_ms', 15_000)];
    const at = (...ages: number[]) =>
      stateOf({
        history: ages.map((ms) => ({ chord: 'TIMEOUT-GUARD', knob: 'x', at_ms: NOW - ms })),
      });
    expect(reasons(guard, { state: at(1000, 1000, 1000) })).toEqual([]);
    expect(reasons(guard, { state: at(1000, 3_599_999) })).toEqual(['timeout_ms budget_exhausted']);
    expect(reasons(guard, { state: at(1000, 3_600_000) })).toEqual([]);
  });

  it('let chords that ask for evidence act on it only', () => {
    const comm = [act('COMM-CONGESTION', 'comm_bucket_mb', 64)];
    const hang = [act('NEAR-HANG/TIMEOUT-GUARD', 'timeout_ms', 30_000)];
    expect(reasons(comm)).toEqual(['comm_bucket_mb budget_exhausted']);
    expect(reasons(comm, { evidence: ['comm_congestion'] })).toEqual([]);
    expect(reasons(hang)).toEqual(['timeout_ms budget_exhausted']);
    expect(reasons(hang, { evidence: ['near_hang'] })).toEqual([]);
  });

  it('cap the step of a knob whose value is known', () => {
    const actions = [act('SCALAR', 'concurrency', 4)];
    const state = stateOf({ knobs: { concurrency: 8 } });
    expect(reasons(actions, { state, maxDeltaPerStep: 3 })).toEqual([
      'concurrency max_delta_exceeded',
    ]);
    expect(reasons(actions, { state, maxDeltaPerStep: 4 })).toEqual([]);
    expect(reasons(actions, { state, maxDeltaPerStep: 0 })).toEqual([]);
    expect(reasons(actions, { maxDeltaPerStep: 1 })).toEqual([]);
  });

  it.each([
    ['BURST-ABSORB', 'concurrency', 4, 2],
    ['TIMEOUT-GUARD', 'timeout_ms', 15_000, 30_000],
    ['INPUT-STRAGGLER', 'dataloader_num_workers', 1, 4],
  ])('keep the invariant of %s', (chord, knob, target, present) => {
    const state = stateOf({ knobs: { [knob]: present } });
    expect(reasons([act(chord, knob, target)], { state })).toEqual([`${knob} invariant_violated`]);
  });

  it('refuse a chord with an invariant that nobody can check', () => {
    const chords = CATALOG.chords.map((chord) => ({ ...chord, invariants: ['be_nice'] }));
    const catalog: ChordCatalog = { ...CATALOG, chords };
    expect(reasons([act('SCALAR', 'concurrency', 4)], { catalog })).toEqual([
      'concurrency invariant_violated',
    ]);
  });

  it('drop both batch knobs when only one of them may move', () => {
    const retune = [
      act('DRIFT-RETUNE', 'grad_accum_steps', 8),
      act('DRIFT-RETUNE', 'microbatch_size', 16),
      act('SCALAR', 'concurrency', 4),
    ];
    const state = stateOf({ knobs: { grad_accum_steps: 4, microbatch_size: 32 } });
    expect(reasons(retune, { state })).toEqual([]);
    expect(reasons(retune, { state, maxDeltaPerStep: 4 })).toEqual([
      'grad_accum_steps invariant_violated',
      'microbatch_size max_delta_exceeded',
    ]);
  });

  it('check nothing but ranges on a workload that was not read', () => {
    const retune = [act('DRIFT-RETUNE', 'grad_accum_steps', 8)];
    expect(reasons(retune, { state: undefined, cooldownS: 30, maxDeltaPerStep: 1 })).toEqual([]);
  });
});

describe('the envelope', () => {
  const split = (action: Action, applying: boolean, approveAdvanced: boolean) =>
    splitByEnvelope([action], { catalog: CATALOG, applying, approveAdvanced }).blocked.map(
      ({ reason }) => reason,
    );

  it('always refuses a chord that is not in the catalog', () => {
    expect(split(act('X', 'concurrency', 1), false, true)).toEqual(['unknown_chord']);
  });

  it('asks for an approval of advanced chords and knobs, only to apply them', () => {
    for (const action of [act('TIMEOUT-GUARD', 'timeout_ms', 1), act('SCALAR', 'timeout_ms', 1)]) {
      expect(split(action, true, false)).toEqual(['approval_required']);
      expect(split(action, true, true)).toEqual([]);
      expect(split(action, false, false)).toEqual([]);
    }
    expect(split(act('SCALAR', 'concurrency', 1), true, false)).toEqual([]);
  });
});

describe('a decision', () => {
  const decision = fc.record({
    policy: fc.constantFrom('chord' as const, 'scalar' as const),
    signals: arbitrarySignals,
    state: fc.option(arbitraryState, { nil: undefined }),
    applying: fc.boolean(),
    approveAdvanced: fc.boolean(),
    cooldownS: fc.constantFrom(0, 30),
    maxDeltaPerStep: fc.constantFrom(0, 0, 8, 100),
    nowMs: fc.constant(NOW),
    catalog: fc.constant(CATALOG),
  });

  it('allows or blocks each proposed action, once', () => {
    fc.assert(
      fc.property(decision, (options) => {
        const { proposed, allowed, blocked } = decideActions(options);
        const parts = [...allowed, ...blocked.map(({ action }) => action)];
        expect(new Set(parts)).toEqual(new Set(proposed));
        expect(parts).toHaveLength(proposed.length);
      }),
    );
  });

  it('never changes the global batch of a workload that is known', () => {
    let retuned = 0;
    fc.assert(
      fc.property(decision, (options) => {
        const { state } = options;
        const { allowed } = decideActions(options);
        if (state === undefined) return;
        const after = { ...state.knobs };
        for (const { knob, target } of allowed) after[knob] = Number(target);
        const { grad_accum_steps: steps, microbatch_size: micro } = state.knobs;
        const product = after['grad_accum_steps']! * after['microbatch_size']!;
        const changed = allowed.some(({ knob }) =>
          /^(grad_accum_steps|microbatch_size)$/.test(knob),
        );
        if (!changed) return;
        if (state.global_batch !== undefined)
          expect(product * (state.replicas ?? 0)).toBe(state.global_batch);
        else if (steps !== undefined && micro !== undefined) expect(product).toBe(steps * micro);
        else expect([steps, micro]).toContain(undefined);
        retuned += 1;
      }),
      { numRuns: 2000 },
    );
    // Else the property would hold for want of plans.
    expect(retuned).toBeGreaterThan(50);
  });

  it('answers distress under advanced chords, with the distress as its evidence', () => {
    const options = {
      policy: 'chord' as const,
      signals: signalsOf({ drift: false, burst: false, straggler: false, gpu_saturated: false }),
      distress: { comm_congestion: true, near_hang: true },
      catalog: CATALOG,
      state: undefined,
      applying: true,
      approveAdvanced: true,
      nowMs: NOW,
      cooldownS: 0,
      maxDeltaPerStep: 0,
    };
    expect(decideActions(options).allowed.map(({ chord }) => chord)).toEqual([
      'COMM-CONGESTION',
      'NEAR-HANG/TIMEOUT-GUARD',
    ]);
    const refused = decideActions({ ...options, approveAdvanced: false });
    expect(refused.allowed).toEqual([]);
    expect(refused.blocked.map(({ reason }) => reason)).toEqual([
      'approval_required',
      'approval_required',
    ]);
  });

  it('raises neither concurrency nor microbatch while a burst is absorbed, and shortens no timeout', () => {
    fc.assert(
      fc.property(decision, (options) => {
        for (const { chord, knob, target } of decideActions(options).allowed) {
          const present = options.state?.knobs[knob] ?? Number.NaN;
          if (chord === 'BURST-ABSORB' && knob !== 'dataloader_prefetch_factor')
            expect(Number(target) > present).toBe(false);
          if (knob === 'timeout_ms') expect(Number(target) < present).toBe(false);
        }
      }),
    );
  });
});
