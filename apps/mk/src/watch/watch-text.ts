import type { IterationOutcome } from '../loop/iteration-outcome.ts';
import { pythonWord } from '../loop/summary-text.ts';
import type { Rollup } from './rollup.ts';

/** The line that a watch prints after each iteration. */
export const iterationLine = (count: number, one: IterationOutcome): string =>
  [
    `iter=${count}`,
    `verify_ok=${one.verifyOk ?? 'n/a'}`,
    `apply_attempted=${pythonWord(one.applyAttempted)}`,
    `apply_ok=${pythonWord(one.applyOk)}`,
    `blocked=${one.blockedReason ?? 'null'}`,
    `out=${one.outDir}`,
  ].join(' ');

/** watch_summary.md */
export const watchSummary = (rollup: Rollup, blockedReason: string | null): string =>
  [
    '# Watch',
    '',
    `- iterations: ${rollup.iterations_done}`,
    `- last: ${pythonWord(rollup.last_iteration_out_dir)}`,
    `- proposed: ${rollup.proposed_total}`,
    `- applied: ${rollup.applied_total}`,
    `- blocked: ${rollup.blocked_total}`,
    `- verify_failed: ${rollup.verify_failed_total}`,
    `- applies: ${rollup.apply_ok_total} ok, ${rollup.apply_failed_total} failed`,
    `- taken back: ${rollup.reverted_total}, refused ${rollup.revert_failed_total}`,
    `- apply_blocked_reason: ${pythonWord(blockedReason)}`,
    '',
  ].join('\n');
