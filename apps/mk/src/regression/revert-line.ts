import type { IterationOutcome } from '../loop/iteration-outcome.ts';

/** The line for an apply that was taken back, or should have been; undefined where there is nothing to say. */
export const revertLine = ({
  revert,
  revertReason,
  reportPath,
}: IterationOutcome): string | undefined => {
  if (revert === null) return undefined;
  if (revert.ok) return `ERROR: apply rolled back: ${revertReason} (see ${reportPath})`;
  return revert.reason === 'rollback_conflict'
    ? `ERROR: rollback refused: rollback_conflict: ${revert.detail}: it stays as it is, although ${revertReason} (see ${reportPath})`
    : `ERROR: rollback refused: ${revert.reason}: the apply stays in force, although ${revertReason} (see ${reportPath})`;
};
