import type { MkContext } from '../frame/command.ts';
import { EXIT, type ExitCode } from '../frame/mk-error.ts';
import type { ApplyEnded } from './apply-step.ts';

/** Says how an apply ended, where there is something to say, and gives the exit code of its command. */
export const endApply = (
  { ok, open, block, report, changes, forced }: ApplyEnded,
  what: 'apply' | 'rollback',
  { print, complain }: MkContext,
): ExitCode => {
  const ids = changes.map(({ change }) => change).join(', ');
  if (ok) {
    if (changes.length > 0) print(`${what} done by the stack: ${ids}`);
    if (forced) print(`${what} done past any stack: --standalone`);
    return EXIT.done;
  }
  if (block !== undefined) {
    complain(block.line);
    return EXIT.refused;
  }
  complain(
    open
      ? `ERROR: ${what} goes on in the stack, and was not waited for: ${ids}`
      : `ERROR: ${what} failed (see checks.items of ${report.latestPath})`,
  );
  return EXIT.failed;
};
