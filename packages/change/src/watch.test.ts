import type { Observation } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { AT } from './test-support/arbitrary-plans.ts';
import { watchVerdict } from './watch.ts';

const seen = (status: Observation['status'], differences: string[] = []): Observation => ({
  status,
  world_revision: 'r2',
  detail: '',
  differences,
  observed_at: AT,
});

describe('the verdict of a watch', () => {
  it('passes only what was seen to be as planned', () => {
    expect(watchVerdict(seen('as_planned')).pass).toBe(true);
    expect(watchVerdict(seen('different')).pass).toBe(false);
  });

  it('fails closed when nothing is known', () => {
    expect(watchVerdict(seen('unknown'))).toEqual({
      pass: false,
      reason: 'the result is unknown: no data',
    });
    expect(watchVerdict(null).pass).toBe(false);
  });

  it('names the differences, a handful of them', () => {
    const many = Array.from({ length: 8 }, (_, i) => `package p${i} is missing`);
    const { reason } = watchVerdict(seen('different', many));
    expect(reason).toContain('package p4 is missing; and 3 more');
    expect(reason).not.toContain('p5');
  });
});
