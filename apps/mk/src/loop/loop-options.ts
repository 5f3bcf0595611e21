import type { PolicyId } from '@holdfast/tuning';
import type { FlagValues } from '../frame/flag-spec.ts';
import { MkError } from '../frame/mk-error.ts';
import type { runFlags, watchFlags } from '../table/loop-flags.ts';
import { checkTarget } from './check-target.ts';
import type { CollectOptions } from './collect.ts';

/** What one pass of the loop is asked to do. */
export interface LoopOptions {
  readonly apply: boolean;
  readonly policy: PolicyId;
  readonly target: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly collect: CollectOptions;
  readonly cooldownS: number;
  readonly maxDeltaPerStep: number;
  readonly approveAdvanced: boolean;
  readonly licensePath: string | undefined;
  /** How long the workload is watched after an apply; 0: not at all. */
  readonly watchWindowMs: number;
  /** How long its rollout may take before that. */
  readonly rolloutTimeoutMs: number;
  readonly standalone: boolean;
}

type LoopFlags = FlagValues<typeof runFlags> | FlagValues<typeof watchFlags>;

/** Reads the flags that run and watch share. `append`: add to the recording. Throws MkError. */
export const loopOptions = (flags: LoopFlags, append: boolean): LoopOptions => {
  if (flags.apply && flags['dry-run'])
    throw new MkError('--dry-run and --apply exclude each other');
  checkTarget(flags['k8s-namespace'], flags['k8s-deployment']);
  const namespace = flags['k8s-namespace'];
  const deployment = flags['k8s-deployment'];
  return {
    apply: flags.apply,
    policy: flags.policy,
    target: { kind: flags['k8s-kind'], namespace, name: deployment },
    collect: {
      source: flags['observe-source'],
      path: flags['observe-path'],
      scenario: flags.scenario,
      durationMs: flags['observe-duration'],
      namespace,
      deployment,
      container: flags['observe-container'],
      recordTo: flags['observe-record-raw'],
      prometheusUrl: flags['prometheus-url'],
      metrics: flags.metric,
      append,
      names: { source: 'observe-source', path: 'observe-path' },
    },
    cooldownS: flags['cooldown-s'],
    maxDeltaPerStep: flags['max-delta-per-step'],
    approveAdvanced: flags['approve-advanced'],
    licensePath: flags['license-path'],
    watchWindowMs: flags['watch-window'],
    rolloutTimeoutMs: flags['rollout-timeout'],
    standalone: flags.standalone,
  };
};
