import { isHoldfastError, planSchema } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlanHash, isPlanHashOk, makePlan, planHash } from './plan-hash.ts';
import { arbitrarySteps, AT, draft, plan, step } from './test-support/arbitrary-plans.ts';

const codeOf = (run: () => void): string | undefined => {
  try {
    run();
  } catch (error) {
    if (isHoldfastError(error)) return error.code;
    throw error;
  }
  return undefined;
};

describe('a plan hash', () => {
  it('is the SHA-256 of the canonical JSON of everything but the hash', () => {
    expect(plan().hash).toMatch(/^[0-9a-f]{64}$/);
    expect(planHash(plan())).toBe(plan().hash);
  });

  it('survives a trip over the wire, whatever the steps say', () => {
    fc.assert(
      fc.property(arbitrarySteps(), (steps) => {
        const sent = plan(steps);
        const received = planSchema.parse(JSON.parse(JSON.stringify(sent)));
        expect(isPlanHashOk(received)).toBe(true);
      }),
    );
  });

  it('does not depend on the order in which keys were written', () => {
    const sent = plan();
    const turned = Object.fromEntries(Object.entries(sent).reverse()) as typeof sent;
    expect(planHash(turned)).toBe(sent.hash);
  });

  it('changes with any field, and a plan that was edited is refused', () => {
    const sent = plan();
    const edits = [
      { ...sent, change: 'chg-2' },
      { ...sent, kind: 'revert' },
      { ...sent, owner: 'other' },
      { ...sent, target: { host: 'other' } },
      { ...sent, base: { ...sent.base, revision: 'r2' } },
      { ...sent, steps: [step({ summary: 'something else' })] },
      { ...sent, timeout_ms: 1 },
      { ...sent, created_at: '2026-01-02T03:04:06.000Z' },
    ];
    for (const edit of edits) {
      expect(codeOf(() => checkPlanHash(edit))).toBe('plan_hash_mismatch');
    }
    expect(codeOf(() => checkPlanHash(sent))).toBeUndefined();
  });

  it('ignores fields that JSON does not carry', () => {
    const withHole = draft([
      step({ do: { driver: 'pip', action: 'a', params: { x: undefined } } }),
    ]);
    const meta = { change: 'c', kind: 'k', owner: 'o', created_at: AT };
    expect(isPlanHashOk(JSON.parse(JSON.stringify(makePlan(withHole, meta))))).toBe(true);
  });
});
