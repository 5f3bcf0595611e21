import type { Plan, SignalSample, SignalSpec, TunedWorkload } from '@holdfast/contracts';
import {
  createSampleSeries,
  TUNING_SIGNALS,
  type KubeObject,
  type SampleSeries,
} from '@holdfast/tuning';
import { readObject } from '../cluster/read-object.ts';
import { windowMs, type Parts } from '../parts.ts';
import { paceOf, type Pace } from '../samples/window.ts';
import { workloadOfTarget } from './tune-action.ts';

const NOTHING: Pace = { step_time_ms: null, throughput: null };

/** The samples of the window of a workload, or of what of it lies behind `notBeforeMs`. */
export const readWindow = async (
  { context, readSamples }: Pick<Parts, 'context' | 'readSamples'>,
  workload: TunedWorkload,
  object: KubeObject | undefined,
  notBeforeMs = 0,
): Promise<SampleSeries> => {
  const toMs = context.clock.now();
  const fromMs = Math.max(notBeforeMs, toMs - windowMs(context, workload));
  const { series, problem } = await readSamples(workload, { fromMs, toMs }, object);
  // Half of a window is no measure of it.
  return problem === undefined ? series : createSampleSeries();
};

/** The signals that can be measured now: what a source does not have is not watched. */
export const signalsFor = (pace: Pace): SignalSpec[] =>
  TUNING_SIGNALS.filter(({ name }) => pace[name] !== null);

/** The signals of a plan, of what came after its patch; null where there is nothing to measure. */
export const sampleTuning = async (parts: Parts, plan: Plan): Promise<SignalSample> => {
  const { context, workloads, clusters, steps } = parts;
  const workload = await workloads.find(workloadOfTarget(plan.target));
  let pace = NOTHING;
  if (workload) {
    const read = await readObject(clusters(workload.context), workload.ref);
    const object = 'object' in read ? read.object : undefined;
    const since = await steps.lastAppliedMs(plan.change);
    pace = paceOf(await readWindow(parts, workload, object, since));
  }
  const measured: Readonly<Record<string, number | null>> = { ...pace };
  const names = (plan.signals ?? []).map(({ name }) => name);
  return {
    at: context.clock.iso(),
    values: Object.fromEntries(names.map((name) => [name, measured[name] ?? null])),
  };
};
