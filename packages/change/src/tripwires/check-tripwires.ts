import type { TripwireHit } from '@holdfast/contracts';
import { lookThrough } from './look-through.ts';
import { RULES } from './rules.ts';
import type { Rule, Seen, TripwireFacts } from './tripwire-facts.ts';

const MAX_DETAIL = 2000;

const rootsOf = ({ change, plan }: TripwireFacts): Record<string, unknown> => ({
  intent: change.intent,
  target: plan?.target ?? change.target,
  steps: plan?.steps.map((step) => ({ do: step.do, inverse: step.inverse })) ?? [],
});

/** A rule that cannot come to an answer is broken. */
const answerOf = (rule: Rule, name: string, seen: Seen): string | undefined => {
  try {
    return rule.interdictions[name]!(seen);
  } catch {
    return 'it could not be ruled out';
  }
};

const hitsOf = (rule: Rule, seen: Seen): TripwireHit[] => {
  const broken = Object.keys(rule.interdictions).flatMap((name) => {
    const answer = answerOf(rule, name, seen);
    const level = rule.advisory?.includes(name) ? ('soft' as const) : rule.level;
    return answer === undefined ? [] : [{ level, words: `${name}: ${answer}` }];
  });
  if (broken.length === 0) return [];
  const level = broken.some((one) => one.level === 'hard') ? 'hard' : 'soft';
  const detail = broken.map(({ words }) => words).join('; ');
  return [{ rule: rule.id, level, detail: detail.slice(0, MAX_DETAIL) }];
};

/**
 * Which hard rules a change breaks, T1 first, each once with all that it breaks; empty when none. Pure: the same facts
 * give the same hits. `hard` forbids, `soft` asks for a review.
 */
export const checkTripwires = (facts: TripwireFacts): TripwireHit[] => {
  const seen = { facts, look: lookThrough(rootsOf(facts)) };
  return RULES.flatMap((rule) => hitsOf(rule, seen));
};
