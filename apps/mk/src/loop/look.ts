import type { KubeObject } from '@holdfast/kube';
import type { Observed } from '@holdfast/telemetry';
import {
  compareKnobs,
  detectSignals,
  knobDriftSignals,
  readWorkload,
  WorkloadError,
  type Signals,
  type Workload,
} from '@holdfast/tuning';
import { readKillSwitch } from '../gates/kill-switch.ts';
import { collect } from './collect.ts';
import type { LoopContext } from './loop-context.ts';
import { explainRecord, sourceFacts } from './source-facts.ts';

/** What one pass saw. `object` and `workload` are there where the workload was read. */
export interface Looked {
  readonly observed: Observed;
  readonly signals: Signals;
  readonly object?: KubeObject;
  readonly workload?: Workload;
}

const workloadOf = (object: KubeObject | undefined): Workload | undefined => {
  if (object === undefined) return undefined;
  try {
    return readWorkload(object);
  } catch (error) {
    if (error instanceof WorkloadError) return undefined;
    throw error;
  }
};

/** Synthetic drift stands for the knobs of a real workload where a kubectl is named. */
const isKnobDriftAsked = ({ options, env }: LoopContext): boolean =>
  options.collect.scenario === 'drift' &&
  options.collect.source === 'synthetic' &&
  Boolean(env['KUBECTL']);

/** Observes one window, reads the workload where that is wanted, and says what signals there are. */
export const look = async (context: LoopContext): Promise<Looked> => {
  const { options, out } = context;
  const compares = isKnobDriftAsked(context);
  const appliesTo = options.apply && !readKillSwitch(context.env).on;
  const object =
    compares || appliesTo
      ? (await (await context.cluster()).workload(options.target)).object
      : undefined;
  const workload = workloadOf(object);
  const drift =
    compares && workload !== undefined
      ? compareKnobs(workload.observed_knobs, workload.state)
      : undefined;
  out.explain('closed_loop_drift_observed_knobs', {
    source: options.collect.source,
    k8s_mode_requested: compares,
    k8s_mode_active: drift !== undefined,
    k8s_drift_triggered: drift?.drift ?? false,
    observed_knobs: drift?.observed_knobs ?? {},
    targets: drift?.targets ?? {},
    k8s_namespace: options.target.namespace,
    k8s_deployment: options.target.name,
  });
  const observed = await collect(options.collect, context.cluster);
  out.explain('closed_loop_observe_source', sourceFacts(options.collect, observed));
  explainRecord(out, observed);
  const signals = drift === undefined ? detectSignals(observed.series) : knobDriftSignals(drift);
  out.explain('closed_loop_signals', signals);
  return {
    observed,
    signals,
    ...(object === undefined ? {} : { object }),
    ...(workload === undefined ? {} : { workload }),
  };
};
