import { detectSignals } from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { checkTarget } from '../loop/check-target.ts';
import { checkSource, collect, type CollectOptions } from '../loop/collect.ts';
import { valueFields } from '../loop/value-fields.ts';
import { policyTimeline, summaryDifference } from '../roi/policy-timeline.ts';
import type { roiCompareFlags } from '../table/roi-flags.ts';

/**
 * Replays samples with the one-knob policy (before) and with the chords (after), through the same recoveries and relocks.
 * The same samples give the same reports. Changes nothing.
 */
export const roiCompare: CommandRun<typeof roiCompareFlags> = async (flags, context) => {
  const { env, now, print } = context;
  if (flags.interval === 0) throw new MkError('--interval 0: expected more than no time');
  checkTarget(flags['k8s-namespace'], flags['k8s-deployment']);
  const options: CollectOptions = {
    source: flags['observe-source'],
    path: flags['observe-path'],
    scenario: 'baseline',
    durationMs: flags['observe-duration'],
    namespace: flags['k8s-namespace'],
    deployment: flags['k8s-deployment'],
    container: flags['observe-container'],
    recordTo: undefined,
    append: false,
    names: { source: 'observe-source', path: 'observe-path' },
  };
  checkSource(options);
  const observed = await collect(options, lazyCluster(env));
  const { series } = observed;
  const out = openOutDir(flags.out, now);
  const before = policyTimeline('scalar', series, flags.interval);
  const after = policyTimeline('chord', series, flags.interval);
  out.report('mk074_before', { schema_version: 'mk074_before.v0', policy: 'scalar', ...before });
  out.report('mk074_after', { schema_version: 'mk074_after.v0', policy: 'chord', ...after });
  const difference = summaryDifference(before.summary, after.summary);
  const { latestPath } = out.report('mk074_before_after', {
    schema_version: 'mk074_before_after.v0',
    observe_source: options.source,
    observe_path: options.path ?? null,
    source_error: observed.error ?? null,
    sample_count: series.length,
    interval_ms: flags.interval,
    before: before.summary,
    after: after.summary,
    diff: difference,
    ...valueFields({ observed, signals: detectSignals(series) }, env),
  });
  const steps = `${before.summary.apply_steps} applies before, ${after.summary.apply_steps} after`;
  print(`${steps}, of ${before.summary.ticks} intervals: ${latestPath}`);
  return EXIT.done;
};
