import { isTerminal } from '@holdfast/contracts';
import { patchForKind, type KubeObject } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
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

/** Items with their patches as they are sent for these objects, which is what is there to be taken back. */
export const asSent = (
  items: readonly PlanItem[],
  objects: readonly (KubeObject | undefined)[],
): PlanItem[] =>
  items.map((item, index) => {
    const object = objects[index];
    return object === undefined ? item : { ...item, patch: patchForKind(item.patch, object) };
  });

/**
 * Writes the way back before it takes the way: an apply whose rollback plan is not on disk does not begin. A stack keeps
 * the way back of a change itself, so there the plan is written after, with the changes that it takes back.
 */
export const gatedApply = async (step: ApplyStep): Promise<Applied> => {
  const { decided, out, route } = step;
  const { before, block } = decided;
  const items = asSent(decided.items, before);
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
