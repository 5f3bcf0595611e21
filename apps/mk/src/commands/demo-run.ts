import { openOutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { runIteration } from '../loop/run-iteration.ts';
import type { demoFlags } from '../table/demo-flags.ts';

const WINDOW_MS = 60_000;

/** One dry pass of the loop over a minute of synthetic samples. Asks no cluster. */
export const demoRun: CommandRun<typeof demoFlags> = async (flags, { env, now, print }) => {
  const { KUBECTL: _, ...alone } = env;
  const cluster = lazyCluster(alone);
  const outcome = await runIteration({
    options: {
      apply: false,
      policy: 'chord',
      target: { kind: 'Deployment', namespace: 'default', name: 'trainer' },
      collect: {
        source: 'synthetic',
        path: undefined,
        scenario: flags.scenario,
        durationMs: WINDOW_MS,
        namespace: 'default',
        deployment: 'trainer',
        container: 'auto',
        recordTo: undefined,
        append: false,
        names: { source: 'source', path: 'path' },
      },
      cooldownS: 30,
      maxDeltaPerStep: 0,
      approveAdvanced: false,
      licensePath: undefined,
      watchWindowMs: 0,
      rolloutTimeoutMs: 0,
      standalone: false,
    },
    env: alone,
    now,
    out: openOutDir(flags.out, now),
    tick: 0,
    cluster,
    applyCluster: cluster,
    history: [],
    reverted: [],
  });
  print(`proposed ${outcome.proposed}: ${outcome.reportPath}`);
  return EXIT.done;
};
