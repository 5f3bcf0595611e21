import {
  HoldfastError,
  type DraftPlan,
  type Plan,
  type PlanStep,
  type StepEffect,
  type StepProgress,
} from '@holdfast/contracts';

const OPPOSITE: Readonly<Record<StepEffect['movement'], StepEffect['movement']>> = {
  install: 'remove',
  remove: 'install',
  upgrade: 'downgrade',
  downgrade: 'upgrade',
  configure: 'configure',
  other: 'other',
};

/** Whether a step has changed the world or may have: one that was started and whose end is not known counts. */
export const mayHaveApplied = (progress: StepProgress): boolean =>
  progress.state !== 'pending' && progress.state !== 'skipped' && progress.state !== 'undone';

const invertStep = (change: string, step: PlanStep): PlanStep => {
  if (step.inverse === null) {
    throw new HoldfastError('revert_impossible', {
      id: change,
      detail: `step ${step.key} (${step.summary}) cannot be undone`,
    });
  }
  const { declared_by: _, declared_with: __, ...effect } = step.effect;
  return {
    key: step.key,
    summary: step.inverse_summary,
    do: step.inverse,
    inverse: step.do,
    inverse_summary: step.summary,
    effect: {
      ...effect,
      movement: OPPOSITE[effect.movement],
      // The planner judged the step itself, not the way back: what is not known to restore the baseline does not.
      toward_baseline: false,
    },
  };
};

/**
 * The plan that undoes a finished or half-applied plan: the inverse of every step that was applied or may have been,
 * last first, each with the original action as its own inverse. `base` is the world as it is now.
 * Refuses with `revert_impossible` when a needed inverse is missing or when there is nothing to undo.
 */
export const invertPlan = (
  plan: Plan,
  steps: readonly StepProgress[],
  base: DraftPlan['base'],
): DraftPlan => {
  const touched = new Set(steps.filter(mayHaveApplied).map((step) => step.key));
  const undo = plan.steps
    .filter((step) => touched.has(step.key))
    .reverse()
    .map((step) => invertStep(plan.change, step));
  if (undo.length === 0) {
    throw new HoldfastError('revert_impossible', {
      id: plan.change,
      detail: 'none of its steps was started',
    });
  }
  // Undoing what was decided as a change of the rules is one too.
  const cls = plan.class === undefined ? {} : { class: plan.class };
  return { target: plan.target, base, steps: undo, ...cls, timeout_ms: plan.timeout_ms };
};
