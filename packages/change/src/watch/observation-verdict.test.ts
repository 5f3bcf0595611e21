import type { Observation } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { AT } from '../test-support/arbitrary-plans.ts';
import { observationVerdict } from './observation-verdict.ts';

const seen = (status: Observation['status'], differences: string[] = []): Observation => ({
  status,
  world_revision: 'r2',
  detail: '',
  differences,
  observed_at: AT,
});

describe('the verdict over what was observed', () => {
  it('passes only what was seen to be as planned', () => {
    expect(observationVerdict(seen('as_planned')).pass).toBe(true);
    expect(observationVerdict(seen('different')).pass).toBe(false);
  });

  it('fails closed when nothing is known', () => {
    expect(observationVerdict(seen('unknown'))).toEqual({
      pass: false,
      reason: 'the result is unknown: no data',
    });
    expect(observationVerdict(null).pass).toBe(false);
  });

  it('names the differences, a handful of them', () => {
    const many = Array.from({ length: 8 }, (_, i) => `package p${i} is missing`);
    const { reason } = observationVerdict(seen('different', many));
    expect(reason).toContain('package p4 is missing; and 3 more');
    expect(reason).not.toContain('p5');
  });
});
