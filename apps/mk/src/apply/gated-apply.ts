import { isTerminal } from '@holdfast/contracts';
import type { RollbackLink } from '../bundle/policy-bundle.ts';
import type { StackChange } from '../stack/carry-through-stack.ts';
import { applyStep, type ApplyEnded, type ApplyStep } from './apply-step.ts';
import { writeRollback } from './rollback-report.ts';

interface Applied {
  readonly ended: ApplyEnded;
  readonly rollback: RollbackLink | undefined;
}

/** Whether there is something of a change to take back: what came to nothing, the stack took back itself. */
const stands = ({ state }: StackChange): boolean => state === 'done' || !isTerminal(state);

/**
 * Writes the way back before it takes the way: an apply whose rollback plan is not on disk does not begin. A stack keeps
 * the way back of a change itself, so there the plan is written after, with the changes that it takes back.
 */
export const gatedApply = async (step: ApplyStep): Promise<Applied> => {
  const { decided, out, route } = step;
  const { items, before, block } = decided;
  const fromVerifyReport = decided.verify.reportPath;
  if (block !== undefined || route.kind === 'refused')
    return { ended: await applyStep(step), rollback: undefined };
  if (route.kind === 'standalone') {
    const path = writeRollback(out, { items, before, fromVerifyReport, changes: [] });
    return { ended: await applyStep(step), rollback: { path, fromVerifyReport } };
  }
  const ended = await applyStep(step);
  const standing = [...ended.changes.entries()].filter(([, change]) => stands(change));
  if (standing.length === 0) return { ended, rollback: undefined };
  const path = writeRollback(out, {
    items: standing.map(([index]) => items[index]!),
    before: standing.map(([index]) => before[index]),
    fromVerifyReport,
    changes: standing.map(([, { change }]) => change),
  });
  return { ended, rollback: { path, fromVerifyReport } };
};
