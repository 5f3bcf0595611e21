import { openOutDir, type OutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun, MkContext } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { checkSource } from '../loop/collect.ts';
import type { IterationOutcome } from '../loop/iteration-outcome.ts';
import { loopOptions, type LoopOptions } from '../loop/loop-options.ts';
import { runIteration } from '../loop/run-iteration.ts';
import { revertLine } from '../regression/revert-line.ts';
import { stopOnSignals } from '../watch/stop-signal.ts';
import type { runFlags } from '../table/loop-flags.ts';

const throughWords = ({ changeId, applied }: IterationOutcome, standalone: boolean): string => {
  if (changeId !== null) return ` by change ${changeId}`;
  return standalone && applied > 0 ? ' past any stack (--standalone)' : '';
};

/** A pass that may apply ends well when it is told to stop: what it applied and did not watch is taken back. */
const pass = async (
  options: LoopOptions,
  { env, now }: MkContext,
  out: OutDir,
): Promise<IterationOutcome> => {
  const base = { options, env, now, out, tick: 0, history: [], reverted: [] };
  if (!options.apply) {
    const cluster = lazyCluster(env);
    return runIteration({ ...base, cluster, applyCluster: cluster });
  }
  const stop = stopOnSignals();
  try {
    const { signal } = stop;
    return await runIteration({
      ...base,
      cluster: lazyCluster(env, signal),
      applyCluster: lazyCluster(env),
      signal,
    });
  } finally {
    stop.release();
  }
};

/** One pass of the loop. */
export const closedLoopRun: CommandRun<typeof runFlags> = async (flags, context) => {
  const { now, print, complain } = context;
  const options = loopOptions(flags, false);
  checkSource(options.collect);
  const outcome = await pass(options, context, openOutDir(flags.out, now));
  if (outcome.blockedLine !== null) {
    complain(outcome.blockedLine);
    return EXIT.refused;
  }
  if (outcome.applyOk === false) {
    complain(`ERROR: apply failed (see ${outcome.reportPath})`);
    return EXIT.failed;
  }
  const taken = revertLine(outcome);
  if (taken !== undefined) {
    complain(taken);
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
