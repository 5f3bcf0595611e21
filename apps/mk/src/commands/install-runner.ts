import type { CommandRun } from '../frame/command.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { checkTarget } from '../loop/check-target.ts';
import { runnerManifests, type RunnerPlan } from '../runner/manifests.ts';
import { runnerReadme } from '../runner/readme.ts';
import { yamlOf } from '../runner/yaml-of.ts';
import type { runnerFlags } from '../table/handover-flags.ts';

/** `name`, `host/path/name`, each with `:tag`, `@sha256:digest` or both. */
const IMAGE =
  /^[a-z0-9]([a-z0-9._-]*)(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/i;

/** Writes the manifests of a runner with the least rights that it can work with. Calls no cluster. */
export const installRunner: CommandRun<typeof runnerFlags> = async (flags, { now, print }) => {
  checkTarget(flags['k8s-namespace'], flags['k8s-deployment']);
  if (!IMAGE.test(flags.image))
    throw new MkError(`--image ${flags.image}: not the name of an image`);
  const plan: RunnerPlan = {
    namespace: flags['k8s-namespace'],
    workload: flags['k8s-deployment'],
    image: flags.image,
    interval: `${flags.interval}ms`,
    apply: flags.apply,
  };
  const out = openOutDir(flags.out, now);
  const files = Object.entries(runnerManifests(plan));
  for (const [name, manifest] of files) out.text(name, yamlOf(manifest));
  out.text('README.md', runnerReadme(plan));
  print(`${files.length} manifests, nothing applied: ${out.path}`);
  return EXIT.done;
};
