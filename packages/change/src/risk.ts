import { RISKS, type Plan, type PlanStep, type Risk } from '@holdfast/contracts';

/** Moves of more things than this off the baseline are high risk, however small each is. */
export const WIDE_TARGETS = 20;

export interface RiskVerdict {
  readonly risk: Risk;
  readonly reasons: string[];
}

const worse = (a: Risk, b: Risk): Risk => (RISKS.indexOf(a) >= RISKS.indexOf(b) ? a : b);

export const isAtLeast = (risk: Risk, threshold: Risk): boolean =>
  RISKS.indexOf(risk) >= RISKS.indexOf(threshold);

const highBecause = (step: PlanStep): string[] => {
  const { movement, major, sensitive } = step.effect;
  const reasons: string[] = [];
  if (sensitive) reasons.push('touches who may do what, or the rules of changes');
  if (major) reasons.push('changes a major version');
  if (movement === 'downgrade') reasons.push('is a downgrade');
  if (movement === 'remove') reasons.push('removes something');
  if (movement === 'other') reasons.push('does something whose effect is not known');
  return reasons;
};

/** Rates one step by itself. */
export const rateStep = (step: PlanStep): RiskVerdict => {
  if (step.effect.toward_baseline) {
    return { risk: 'low', reasons: ['restores the declared baseline'] };
  }
  if (step.inverse === null) {
    return { risk: 'critical', reasons: [`step ${step.key} cannot be undone`] };
  }
  const high = highBecause(step);
  if (high.length > 0) {
    return { risk: 'high', reasons: high.map((why) => `step ${step.key} ${why}`) };
  }
  if (step.effect.movement === 'configure') {
    return { risk: 'low', reasons: [`step ${step.key} sets a value that can be set back`] };
  }
  return { risk: 'medium', reasons: [`step ${step.key} moves off the declared baseline`] };
};

/**
 * Rates a plan by what its steps do, never by what its author says: the worst step counts, one off the
 * baseline that cannot be undone is critical, and many moves off the
 * baseline together are high. What the author (any of the principals `authors`) declared is nobody else's word: restoring
 * it is medium. Adding a step never lowers the result. `reasons` explain the rating that won.
 */
export const computeRisk = (
  plan: Pick<Plan, 'steps'>,
  authors: readonly string[] = [],
): RiskVerdict => {
  const rated = plan.steps.map(rateStep);
  const offBaseline = plan.steps.filter((step) => !step.effect.toward_baseline);
  const targets = offBaseline.reduce((sum, step) => sum + Math.max(1, step.effect.targets), 0);
  if (targets > WIDE_TARGETS) {
    const reason = `moves ${targets} things off the baseline, more than ${WIDE_TARGETS}`;
    rated.push({ risk: 'high', reasons: [reason] });
  }
  const isOwn = ({ effect: { toward_baseline, declared_by } }: PlanStep): boolean =>
    toward_baseline && declared_by !== undefined && authors.includes(declared_by);
  if (plan.steps.some(isOwn))
    rated.push({ risk: 'medium', reasons: ['restores a baseline that its author declared'] });
  const risk = rated.reduce<Risk>((worst, rating) => worse(worst, rating.risk), 'low');
  const reasons = rated.filter((rating) => rating.risk === risk).flatMap(({ reasons: why }) => why);
  return { risk, reasons: [...new Set(reasons)] };
};
