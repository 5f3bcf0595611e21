import { openOutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { checkSource } from '../loop/collect.ts';
import type { IterationOutcome } from '../loop/iteration-outcome.ts';
import { loopOptions } from '../loop/loop-options.ts';
import { runIteration } from '../loop/run-iteration.ts';
import type { runFlags } from '../table/loop-flags.ts';

const throughWords = ({ changeId, applied }: IterationOutcome, standalone: boolean): string => {
  if (changeId !== null) return ` by change ${changeId}`;
  return standalone && applied > 0 ? ' past any stack (--standalone)' : '';
};

/** One pass of the loop. */
export const closedLoopRun: CommandRun<typeof runFlags> = async (flags, context) => {
  const { env, now, print, complain } = context;
  const options = loopOptions(flags, false);
  checkSource(options.collect);
  const cluster = lazyCluster(env);
  const outcome = await runIteration({
    options,
    env,
    now,
    out: openOutDir(flags.out, now),
    tick: 0,
    cluster,
    applyCluster: cluster,
    history: [],
  });
  if (outcome.blockedLine !== null) {
    complain(outcome.blockedLine);
    return EXIT.refused;
  }
  if (outcome.applyOk === false) {
    complain(`ERROR: apply failed (see ${outcome.reportPath})`);
    return EXIT.failed;
  }
  if (outcome.applyAttempted && outcome.applyOk === null) {
    complain(`ERROR: apply goes on in the stack, and was not waited for: ${outcome.changeId}`);
    return EXIT.failed;
  }
  const through = throughWords(outcome, options.standalone);
  print(
    `proposed ${outcome.proposed}, applied ${outcome.applied}${through}: ${outcome.reportPath}`,
  );
  return EXIT.done;
};
