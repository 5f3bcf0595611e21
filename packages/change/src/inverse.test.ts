import { isHoldfastError, type StepProgress } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invertPlan, mayHaveApplied } from './inverse.ts';
import { makePlan } from './plan-hash.ts';
import {
  arbitraryState,
  arbitrarySteps,
  AT,
  plan,
  progressOf,
  step,
} from './test-support/arbitrary-plans.ts';

const base = { revision: 'r2', observed_at: AT };
const states: StepProgress['state'][] = ['succeeded', 'failed', 'running', 'undoing'];

describe('the inverse of a plan', () => {
  it('undoes what was applied or may have been, last first', () => {
    const steps = states.map((_, i) => step({ key: `s${i}` }));
    const progress = states.map((state, i) => progressOf(`s${i}`, state));
    const undo = invertPlan(plan(steps), progress, base);
    expect(undo.steps.map((one) => one.key)).toEqual(['s3', 's2', 's1', 's0']);
    expect(undo.base).toEqual(base);
  });

  it('leaves out steps that were never started', () => {
    const steps = [step({ key: 'a' }), step({ key: 'b', inverse: null }), step({ key: 'c' })];
    const progress = [progressOf('a', 'succeeded'), progressOf('b', 'pending')];
    expect(invertPlan(plan(steps), progress, base).steps.map((one) => one.key)).toEqual(['a']);
  });

  it('swaps action and inverse, and claims nothing about the baseline', () => {
    const [undone] = invertPlan(plan(), [progressOf('s1', 'succeeded')], base).steps;
    expect(undone).toMatchObject({
      do: step().inverse,
      inverse: step().do,
      summary: step().inverse_summary,
      effect: { toward_baseline: false, movement: 'downgrade' },
    });
  });

  it('refuses when a needed step has no inverse, or when nothing was started', () => {
    const refusals = [
      () => invertPlan(plan([step({ inverse: null })]), [progressOf('s1', 'running')], base),
      () => invertPlan(plan(), [progressOf('s1', 'pending')], base),
      () => invertPlan(plan(), [], base),
    ];
    for (const refusal of refusals) {
      try {
        refusal();
        expect.unreachable();
      } catch (error) {
        expect(isHoldfastError(error, 'revert_impossible'), String(error)).toBe(true);
      }
    }
  });

  it('inverted twice gives the actions that were applied, in their order', () => {
    const undoable = arbitrarySteps().map((steps) =>
      steps.map((one) => ({ ...one, inverse: one.inverse ?? step().inverse })),
    );
    fc.assert(
      fc.property(
        undoable,
        fc.array(arbitraryState, { minLength: 8, maxLength: 8 }),
        (steps, at) => {
          const progress = steps.map((one, i) => progressOf(one.key, at[i] ?? 'pending'));
          const touched = progress.filter(mayHaveApplied).map((one) => one.key);
          fc.pre(touched.length > 0);
          const meta = { change: 'u', kind: 'revert', owner: 'o', created_at: AT };
          const undo = makePlan(invertPlan(plan(steps), progress, base), meta);
          const all = undo.steps.map((one) => progressOf(one.key, 'succeeded'));
          const redo = invertPlan(undo, all, base);
          expect(redo.steps.map((one) => [one.key, one.do])).toEqual(
            steps.filter((one) => touched.includes(one.key)).map((one) => [one.key, one.do]),
          );
        },
      ),
    );
  });
});
