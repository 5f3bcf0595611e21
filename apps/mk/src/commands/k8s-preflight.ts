import { VERSION } from '@holdfast/contracts/version';
import { openCluster, preflight } from '@holdfast/kube';
import { openOutDir } from '../artifacts/out-dir.ts';
import { durationSeconds, secondStamp } from '../artifacts/times.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { checkTarget } from '../loop/check-target.ts';
import type { preflightFlags } from '../table/k8s-flags.ts';

/** Seven questions to the cluster, read only. */
export const k8sPreflight: CommandRun<typeof preflightFlags> = async (flags, context) => {
  const { env, now, print, complain } = context;
  const startedMs = now();
  checkTarget(flags['k8s-namespace'], flags['k8s-deployment']);
  const out = openOutDir(flags.out, now);
  const cluster = openCluster(env, { version: VERSION });
  const found = await preflight(cluster, flags['k8s-namespace'], flags['k8s-deployment']);
  const finishedMs = now();
  const { latestPath } = out.report('preflight', {
    schema_version: 'preflight.v0',
    started_at: secondStamp(startedMs),
    finished_at: secondStamp(finishedMs),
    duration_s: durationSeconds(startedMs, finishedMs),
    out_dir: out.path,
    ...found,
  });
  if (found.ok) {
    print(`ok: ${latestPath}`);
    return EXIT.done;
  }
  complain(`ERROR: preflight: ${found.top_blocker} (see ${latestPath})`);
  return EXIT.failed;
};
