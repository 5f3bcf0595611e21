import { openOutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { blockLine } from '../gates/block-lines.ts';
import { checkSource } from '../loop/collect.ts';
import { loopOptions } from '../loop/loop-options.ts';
import { runIteration } from '../loop/run-iteration.ts';
import type { runFlags } from '../table/loop-flags.ts';

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
  if (outcome.blockedReason !== null) {
    complain(blockLine(outcome.blockedReason));
    return EXIT.refused;
  }
  if (outcome.applyOk === false) {
    complain(`ERROR: apply failed (see ${outcome.reportPath})`);
    return EXIT.failed;
  }
  print(`proposed ${outcome.proposed}, applied ${outcome.applied}: ${outcome.reportPath}`);
  return EXIT.done;
};
