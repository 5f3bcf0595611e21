import { EVENT_TYPES, isHoldfastError } from '@holdfast/contracts';
import type { PolicyContext } from '../config.ts';

/** The hard rule against weakening the hard rules. */
const RULE = 'T12';

/** Publishes who tried to stage policies that reach for the tripwires; does nothing for any other refusal. */
export const recordAttempt = async (
  context: PolicyContext,
  actor: string,
  refusal: unknown,
): Promise<void> => {
  if (!isHoldfastError(refusal, 'tripwire')) return;
  const data = { rule: RULE, what: 'policy', author: actor, detail: refusal.message };
  await context.commit(
    [],
    [{ type: EVENT_TYPES.tripwireAlert, subject: 'policies', actor, priority: 'critical', data }],
  );
};
