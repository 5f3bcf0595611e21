import {
  assess,
  CATALOG,
  decideActions,
  detectSignals,
  environmentOf,
  type SourceKind,
} from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import { durationSeconds, secondStamp } from '../artifacts/times.ts';
import { lazyCluster } from '../cluster/lazy-cluster.ts';
import type { CommandRun, MkContext } from '../frame/command.ts';
import { EXIT, type ExitCode } from '../frame/mk-error.ts';
import { checkTarget } from '../loop/check-target.ts';
import { collect, type CollectOptions } from '../loop/collect.ts';
import { valueFields } from '../loop/value-fields.ts';
import { ingestFields } from '../loop/source-facts.ts';
import type { evalFileFlags, evalK8sFlags } from '../table/eval-flags.ts';

/** Looks at one window, says what the loop would propose, and what that would be worth. Changes nothing. */
const evaluate = async (
  options: CollectOptions,
  source: SourceKind,
  outDir: string,
  { env, now, print }: MkContext,
): Promise<ExitCode> => {
  const startedMs = now();
  const out = openOutDir(outDir, now);
  const observed = await collect(options, lazyCluster(env));
  const { series, window_s } = observed;
  const signals = detectSignals(series);
  const { allowed, proposed } = decideActions({
    policy: 'chord',
    signals,
    catalog: CATALOG,
    applying: false,
    approveAdvanced: false,
    state: undefined,
    nowMs: now(),
    cooldownS: 0,
    maxDeltaPerStep: 0,
  });
  const assessment = assess({
    series,
    signals,
    window_s,
    source,
    actionable_proposal_count: allowed.length,
  });
  const finishedMs = now();
  const { latestPath } = out.report('eval', {
    schema_version: 'eval.v0',
    started_at: secondStamp(startedMs),
    finished_at: secondStamp(finishedMs),
    duration_s: durationSeconds(startedMs, finishedMs),
    out_dir: out.path,
    source: options.source,
    source_error: observed.error ?? null,
    signals,
    environment: environmentOf(series),
    proposed,
    ...valueFields({ observed, signals }, env),
    ...ingestFields(observed),
    ...assessment,
  });
  print(`${assessment.assessment_result_class}: ${latestPath}`);
  return EXIT.done;
};

const base = {
  scenario: 'baseline',
  recordTo: undefined,
  append: false,
  names: { source: 'source', path: 'path' },
};

export const evalFile: CommandRun<typeof evalFileFlags> = (flags, context) =>
  evaluate(
    {
      ...base,
      source: 'file',
      path: flags.path,
      durationMs: 0,
      namespace: 'default',
      deployment: 'trainer',
      container: 'auto',
    },
    'file',
    flags.out,
    context,
  );

export const evalK8s: CommandRun<typeof evalK8sFlags> = async (flags, context) => {
  const namespace = flags['k8s-namespace'];
  const deployment = flags['k8s-deployment'];
  checkTarget(namespace, deployment);
  const { container, duration: durationMs } = flags;
  return evaluate(
    { ...base, source: 'k8s', path: undefined, durationMs, namespace, deployment, container },
    'k8s',
    flags.out,
    context,
  );
};
