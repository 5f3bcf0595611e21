import { detectSignals, type PolicyId } from '@holdfast/tuning';
import { lazyList } from '../artifacts/lazy-list.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { checkTarget } from '../loop/check-target.ts';
import { checkSource, collect, type CollectOptions } from '../loop/collect.ts';
import { valueFields } from '../loop/value-fields.ts';
import { readWindows } from '../replay/window-signals.ts';
import {
  policySummary,
  policyTimeline,
  summaryDifference,
  type TimelineSummary,
} from '../roi/policy-timeline.ts';
import type { roiCompareFlags } from '../table/roi-flags.ts';

/** What the reports are made of. The samples themselves, which may be a million, are not among it. */
const gather = async (options: CollectOptions, intervalMs: number, env: NodeJS.ProcessEnv) => {
  const observed = await collect(options, lazyCluster(env));
  const { series, error } = observed;
  return {
    windows: readWindows(series, intervalMs),
    source_error: error ?? null,
    sample_count: series.length,
    ...valueFields({ observed, signals: detectSignals(series) }, env),
  };
};

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
  const { windows, ...facts } = await gather(options, flags.interval, env);
  const out = openOutDir(flags.out, now);
  const compared = (name: string, policy: PolicyId): TimelineSummary => {
    const summary = policySummary(policy, windows);
    const timeline = lazyList(() => policyTimeline(policy, windows));
    out.report(name, { schema_version: `${name}.v0`, policy, summary, timeline });
    return summary;
  };
  const before = compared('mk074_before', 'scalar');
  const after = compared('mk074_after', 'chord');
  const { latestPath } = out.report('mk074_before_after', {
    schema_version: 'mk074_before_after.v0',
    observe_source: options.source,
    observe_path: options.path ?? null,
    interval_ms: flags.interval,
    before,
    after,
    diff: summaryDifference(before, after),
    ...facts,
  });
  const steps = `${before.apply_steps} applies before, ${after.apply_steps} after`;
  print(`${steps}, of ${before.ticks} intervals: ${latestPath}`);
  return EXIT.done;
};
