import { RISKS, type PlanStep } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeRisk, isAtLeast, WIDE_TARGETS } from './risk.ts';
import { arbitraryStep, arbitrarySteps, plan, step } from './test-support/arbitrary-plans.ts';

const off = (effect: Partial<PlanStep['effect']>, changes: Partial<PlanStep> = {}): PlanStep =>
  step({
    ...changes,
    effect: { toward_baseline: false, movement: 'upgrade', major: false, targets: 1, ...effect },
  });

describe('risk', () => {
  it('is low for restoring the declared baseline, also by downgrade and removal', () => {
    const back = (movement: PlanStep['effect']['movement']): PlanStep =>
      step({ effect: { toward_baseline: true, movement, major: true, targets: 300 } });
    const verdict = computeRisk(plan([back('downgrade'), back('remove'), back('upgrade')]));
    expect(verdict).toEqual({ risk: 'low', reasons: ['restores the declared baseline'] });
  });

  it('is medium for restoring what the author declared, low for what somebody else did', () => {
    const { effect } = step();
    const declared = plan([step({ effect: { ...effect, declared_by: 'ann' } })]);
    expect(computeRisk(declared, ['bob', 'ann'])).toEqual({
      risk: 'medium',
      reasons: ['restores a baseline that its author declared'],
    });
    expect(computeRisk(declared, ['bob']).risk).toBe('low');
    expect(computeRisk(plan(), ['ann']).risk).toBe('low');
  });

  it('is medium for a minor upgrade off the baseline', () => {
    expect(computeRisk(plan([off({})])).risk).toBe('medium');
  });

  it('is low for a setting that can be set back, and critical where it cannot', () => {
    expect(computeRisk(plan([off({ movement: 'configure' })]))).toEqual({
      risk: 'low',
      reasons: ['step s1 sets a value that can be set back'],
    });
    const forGood = off({ movement: 'configure' }, { inverse: null });
    expect(computeRisk(plan([forGood])).risk).toBe('critical');
  });

  it.each([
    ['a major version', off({ major: true })],
    ['a downgrade', off({ movement: 'downgrade' })],
    ['a removal', off({ movement: 'remove' })],
    ['an unknown effect', off({ movement: 'other' })],
    ['what touches who may do what', off({ movement: 'configure', sensitive: true })],
    ['many targets', off({ targets: WIDE_TARGETS + 1 })],
  ])('is high for %s off the baseline, with the reason', (_, bad) => {
    const verdict = computeRisk(plan([step(), bad]));
    expect(verdict.risk).toBe('high');
    expect(verdict.reasons.length).toBeGreaterThan(0);
  });

  it('is critical off the baseline for what cannot be undone, with the reason', () => {
    const verdict = computeRisk(plan([step(), off({}, { inverse: null })]));
    expect(verdict).toEqual({ risk: 'critical', reasons: [expect.stringContaining('cannot be')] });
  });

  it('counts small moves together', () => {
    const many = Array.from({ length: WIDE_TARGETS + 1 }, (_, i) => off({}, { key: `s${i}` }));
    expect(computeRisk(plan(many.slice(1))).risk).toBe('medium');
    expect(computeRisk(plan(many)).risk).toBe('high');
  });

  it('never falls when a step is added, wherever it is put', () => {
    fc.assert(
      fc.property(arbitrarySteps(), arbitraryStep('added'), fc.nat(), (steps, added, at) => {
        const grown = steps.toSpliced(at % (steps.length + 1), 0, added);
        const before = computeRisk({ steps }).risk;
        expect(isAtLeast(computeRisk({ steps: grown }).risk, before)).toBe(true);
      }),
    );
  });

  it('does not read anything that the author of a change writes', () => {
    fc.assert(
      fc.property(arbitrarySteps(), fc.string(), (steps, words) => {
        const renamed = steps.map((one) => ({ ...one, summary: words, inverse_summary: words }));
        expect(computeRisk({ steps: renamed })).toEqual(computeRisk({ steps }));
      }),
    );
  });

  it('orders the risks from low to critical', () => {
    expect(RISKS.every((risk, i) => RISKS.slice(0, i + 1).every((r) => isAtLeast(risk, r)))).toBe(
      true,
    );
  });
});
