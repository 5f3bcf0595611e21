import { openOutDir } from '../artifacts/out-dir.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { blockLine } from '../gates/block-lines.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import { checkSource } from '../loop/collect.ts';
import { loopOptions } from '../loop/loop-options.ts';
import { stopOnSignals } from '../watch/stop-signal.ts';
import { createWatch } from '../watch/watch-session.ts';
import type { watchFlags } from '../table/loop-flags.ts';

/** The loop again and again, until it has done enough or is told to stop. */
export const closedLoopWatch: CommandRun<typeof watchFlags> = async (flags, context) => {
  const { env, now, complain } = context;
  const options = loopOptions(flags, true);
  checkSource(options.collect);
  const out = openOutDir(flags.out, now);
  const stop = stopOnSignals();
  try {
    const watch = createWatch({
      options,
      context,
      out,
      signal: stop.signal,
      intervalMs: flags.interval,
      maxIterations: flags['max-iterations'],
      iterations: flags['max-iterations'] ?? flags.iterations,
      keep: flags['keep-iterations'],
    });
    if (options.apply && readKillSwitch(env).on) {
      watch.refuse('kill_switch');
      complain(blockLine('kill_switch'));
      return EXIT.refused;
    }
    const { wasBlocked, hasFailed } = await watch.run();
    if (wasBlocked) return EXIT.refused;
    return hasFailed ? EXIT.failed : EXIT.done;
  } finally {
    stop.release();
  }
};
