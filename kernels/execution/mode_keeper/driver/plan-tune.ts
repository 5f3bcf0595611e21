import {
  HoldfastError,
  SIMULATED_CHANGE,
  type DraftPlan,
  type OpParsed,
  type PlanStep,
  type TunedWorkload,
  type changeDriverOps,
} from '@holdfast/contracts';
import {
  buildPlan,
  detectDistress,
  distressEvidence,
  PlanError,
  readWorkload,
  rolloutObstacle,
  WorkloadError,
  worldRevision,
  type Action,
  type KubeObject,
  type Workload,
} from '@holdfast/tuning';
import { requireObject } from '../cluster/read-object.ts';
import type { Parts } from '../parts.ts';
import { paceOf } from '../samples/window.ts';
import { readIntent, requireAllowed } from './decide-intent.ts';
import { holds, sparseOf, valuesUnder } from './sparse-patch.ts';
import { RESTORE, SET, tuneAction, uidOf, workloadOfTarget } from './tune-action.ts';
import { readWindow, signalsFor } from './tune-signals.ts';

const STEP = 'knobs';

/** What the engine says about an object or a target that it cannot work with, as the reason of a failed plan. */
const orPlanFailed = <T>(work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WorkloadError) && !(error instanceof PlanError)) throw error;
    throw new HoldfastError('plan_failed', { detail: error.message }, { cause: error });
  }
};

const placeOf = ({ ref }: TunedWorkload): string =>
  `${ref.kind} ${ref.namespace}/${ref.name}`.toLowerCase();

const wordsOf = (actions: readonly Action[], { state }: Workload): string =>
  actions
    .map(({ knob, target }) => `${knob} to ${target} (now ${state.knobs[knob] ?? 'not set'})`)
    .join(', ');

const wordsBack = (actions: readonly Action[], { state }: Workload): string =>
  actions
    .map(({ knob, target }) => {
      const before = state.knobs[knob];
      return before === undefined
        ? `take ${knob} away (now ${target})`
        : `set ${knob} to ${before} (now ${target})`;
    })
    .join(', ');

const stepOf = (
  workload: TunedWorkload,
  object: KubeObject,
  actions: readonly Action[],
  measures: string[],
): PlanStep[] => {
  const found = orPlanFailed(() => readWorkload(object));
  const [item] = orPlanFailed(() => buildPlan(actions, { ...workload.ref, object }));
  if (!item) return [];
  const patch = sparseOf(item.patch, object);
  if (holds(patch, object)) return [];
  const before = valuesUnder(patch, object);
  const { context, ref } = workload;
  const noted = actions.map(({ knob, chord }) => ({ knob, chord }));
  const common = { context, ref, uid: uidOf(object), actions: noted };
  const place = placeOf(workload);
  return [
    {
      key: STEP,
      summary: `set ${wordsOf(actions, found)} on ${place}`.slice(0, 1000),
      do: tuneAction(SET, { ...common, patch, expects: before, measures }),
      inverse: tuneAction(RESTORE, { ...common, patch: before, expects: patch, measures: [] }),
      inverse_summary: `${wordsBack(actions, found)} on ${place}`.slice(0, 1000),
      effect: {
        toward_baseline: false,
        movement: 'configure',
        major: false,
        targets: found.state.replicas ?? 1,
      },
    },
  ];
};

/** Plans the change of knobs of one workload as it is now: one step, or none where it has the values already. */
export const planTune = async (
  parts: Parts,
  { change, kind, target, intent }: OpParsed<(typeof changeDriverOps)['planChange']>,
): Promise<DraftPlan> => {
  const { context, workloads, clusters } = parts;
  if (kind !== 'workload.tune')
    throw new HoldfastError('plan_failed', { detail: `${kind} is no kind of this kernel` });
  const workload = await workloads.load(workloadOfTarget(target));
  const actions = readIntent(intent);
  const object = await requireObject(clusters(workload.context), workload.ref, workload.id);
  const { state, mutable } = orPlanFailed(() => readWorkload(object));
  if (!mutable) {
    const detail = `the pod template of ${placeOf(workload)} cannot be changed while it is not suspended`;
    throw new HoldfastError('plan_failed', { detail });
  }
  const obstacle = rolloutObstacle(object);
  if (obstacle !== undefined) {
    const detail = `no new pods of ${placeOf(workload)} would come: ${obstacle}`;
    throw new HoldfastError('plan_failed', { detail });
  }
  const series = await readWindow(parts, workload, object);
  const evidence = distressEvidence(detectDistress(series));
  requireAllowed(actions, workload, { state, evidence, nowMs: context.clock.now() });
  const signals = signalsFor(paceOf(series));
  const measures = signals.map(({ name }) => name);
  // Whoever proposed it: while it is open, this kernel proposes nothing else.
  if (change !== SIMULATED_CHANGE)
    await context.store.write(workloads.noteChange(workload.id, change));
  return {
    target: { workload: workload.id },
    base: { revision: worldRevision(object), observed_at: context.clock.iso() },
    steps: stepOf(workload, object, actions, measures),
    ...(signals.length === 0 ? {} : { signals }),
    timeout_ms: context.config.step_timeout_s * 1000,
  };
};
