import { openOutDir } from '../artifacts/out-dir.ts';
import { readJson } from '../artifacts/read-json.ts';
import { prettyJson } from '../artifacts/sorted-json.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import { checkTarget } from '../loop/check-target.ts';
import { checkSource, collect, type CollectOptions } from '../loop/collect.ts';
import { PASSPORTS } from '../passports/templates.ts';
import { validatePassport } from '../passports/validate-passport.ts';
import type {
  observeMaxFlags,
  passportShowFlags,
  passportTemplatesFlags,
  passportValidateFlags,
} from '../table/passport-flags.ts';

export const passportTemplates: CommandRun<typeof passportTemplatesFlags> = async (_, context) => {
  for (const { name, description } of Object.values(PASSPORTS))
    context.print(`${name.padEnd(10)}${description}`);
  return EXIT.done;
};

export const passportShow: CommandRun<typeof passportShowFlags> = async (flags, { print }) => {
  const { template } = flags;
  const found = Object.hasOwn(PASSPORTS, template) ? PASSPORTS[template] : undefined;
  if (found === undefined)
    throw new MkError(
      `--template ${template}: expected one of ${Object.keys(PASSPORTS).join(', ')}`,
    );
  print(prettyJson(found).trimEnd());
  return EXIT.done;
};

export const passportValidate: CommandRun<typeof passportValidateFlags> = async (
  flags,
  context,
) => {
  const read = readJson(flags.file);
  const errors = read.failure === undefined ? validatePassport(read.value) : [read.failure.detail];
  if (errors.length === 0) {
    context.print(`ok: ${flags.file}`);
    return EXIT.done;
  }
  throw new MkError(`invalid passport: ${errors.join('; ')}`);
};

/**
 * Looks at a workload and writes the widest passport that only proposes, and a report in which proposals have numbers in
 * place of knobs and targets: it can be shown to somebody who may not see them.
 */
export const passportObserveMax: CommandRun<typeof observeMaxFlags> = async (flags, context) => {
  const { env, now, print } = context;
  checkTarget(flags['k8s-namespace'], flags['k8s-deployment']);
  const options: CollectOptions = {
    source: flags.source,
    path: flags.path,
    scenario: flags.scenario,
    durationMs: flags.duration,
    namespace: flags['k8s-namespace'],
    deployment: flags['k8s-deployment'],
    container: flags.container,
    recordTo: undefined,
    prometheusUrl: flags['prometheus-url'],
    metrics: flags.metric,
    append: false,
    names: { source: 'source', path: 'path' },
  };
  checkSource(options);
  const { detectSignals, proposeActions } = await import('@holdfast/tuning');
  const out = openOutDir(flags.out, now);
  const { series, window_s } = await collect(options, lazyCluster(env));
  const signals = detectSignals(series);
  const proposals = proposeActions('chord', signals);
  const passport = out.report('passport', {
    ...PASSPORTS['perf'],
    name: 'observe-max',
    description: 'Proposes only: no actuator may be moved under it.',
    allowed_actuators: { hot: [], cold: [] },
  });
  const report = out.report('observe_max', {
    schema_version: 'observe_max.v0',
    sample_count: series.length,
    window_s,
    signals,
    proposals: proposals.map((_, index) => `P${index + 1}`),
    passport_path: passport.latestPath,
  });
  print(`${proposals.length} proposals: ${report.latestPath}`);
  return EXIT.done;
};
