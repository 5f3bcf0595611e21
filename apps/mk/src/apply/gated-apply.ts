import type { RollbackLink } from '../bundle/policy-bundle.ts';
import { applyStep, type ApplyEnded, type ApplyStep } from './apply-step.ts';
import { writeRollback } from './rollback-report.ts';

/** Writes the way back before it takes the way: an apply whose rollback plan is not on disk does not begin. */
export const gatedApply = async (
  step: ApplyStep,
): Promise<{ readonly ended: ApplyEnded; readonly rollback: RollbackLink | undefined }> => {
  const { decided, out } = step;
  const { items, before, verify, block } = decided;
  const rollback =
    block === undefined
      ? {
          path: writeRollback(out, { items, before, fromVerifyReport: verify.reportPath }),
          fromVerifyReport: verify.reportPath,
        }
      : undefined;
  return { ended: await applyStep(step), rollback };
};
