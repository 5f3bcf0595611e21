import { detectSignals, environmentOf, summariseLeak, telemetryOf } from '@holdfast/tuning';
import { envelope } from '../artifacts/envelope.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { checkTarget } from '../loop/check-target.ts';
import { checkSource, collect, type CollectOptions } from '../loop/collect.ts';
import { explainRecord, ingestFields, sourceFacts } from '../loop/source-facts.ts';
import type { observeFlags } from '../table/k8s-flags.ts';

/** Looks at one window of samples and writes what it shows. Never plans, never changes anything. */
export const observe: CommandRun<typeof observeFlags> = async (flags, { env, now, print }) => {
  const startedMs = now();
  checkTarget(flags['k8s-namespace'], flags['k8s-deployment']);
  const options: CollectOptions = {
    source: flags.source,
    path: flags.path,
    scenario: 'baseline',
    durationMs: flags.duration,
    namespace: flags['k8s-namespace'],
    deployment: flags['k8s-deployment'],
    container: flags.container,
    ...(flags['k8s-pod'] === undefined ? {} : { pod: flags['k8s-pod'] }),
    recordTo: flags['record-raw'],
    prometheusUrl: flags['prometheus-url'],
    metrics: flags.metric,
    append: false,
    names: { source: 'source', path: 'path' },
  };
  checkSource(options);
  const out = openOutDir(flags.out, now);
  out.explain('observe_start', { source: options.source, out_dir: out.path });
  const observed = await collect(options, lazyCluster(env));
  const { series } = observed;
  out.explain('observe_source', sourceFacts(options, observed));
  explainRecord(out, observed);
  const signals = detectSignals(series);
  out.explain('observe_signals', signals);
  const summary = summariseLeak(signals);
  out.explain('observe_summary', summary);
  const report = {
    ...envelope({
      startedMs,
      finishedMs: now(),
      outDir: out.path,
      mode: 'OBSERVE_ONLY',
      apply: false,
    }),
    source: options.source,
    signals,
    sample_count: series.length,
    telemetry: telemetryOf(series),
    environment: environmentOf(series),
    summary,
    ...ingestFields(observed),
  };
  const { path } = out.report('report', report, 'observe_latest.json');
  out.explain('observe_report', { report_path: path });
  out.explain('observe_stop', { sample_count: series.length });
  print(`observed ${series.length} samples, leak risk ${summary.money_leak_risk}: ${path}`);
  return EXIT.done;
};
