import { HoldfastError, workloadRefSchema, type Plan, type StepAction } from '@holdfast/contracts';
import { isRecord, KNOB_ANNOTATION, valueAt, type KubeObject } from '@holdfast/tuning';
import * as z from 'zod';

export const DRIVER = 'mode_keeper';
/** Sets knobs that have the values they were planned with, and nothing else. */
export const SET = 'knobs.set';
/** Takes that back; where the values of before are there already, there is nothing left to do. */
export const RESTORE = 'knobs.restore';

/** Whether a patch names nothing but knobs, each with a text or null. */
const isOfKnobs = (patch: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(patch).every(([key, value]) =>
    isRecord(value)
      ? isOfKnobs(value)
      : key.startsWith(KNOB_ANNOTATION) && (value === null || typeof value === 'string'),
  );

/** Whoever gives a step its action: it sets knobs, and nothing else of a workload. */
const sparse = z.record(z.string(), z.unknown()).refine(isOfKnobs, 'it sets more than knobs');

const paramsSchema = z.strictObject({
  context: z.string().nullable(),
  ref: workloadRefSchema,
  /** Of the object that was planned for: another one of its name is none of it. Null where nothing was known. */
  uid: z.string().nullable().default(null),
  /** What is set, and what is there before: the same fields in both, null for "not there". */
  patch: sparse,
  expects: sparse,
  /** What the patch stands for in the history of the workload. */
  actions: z.array(z.object({ knob: z.string(), chord: z.string() })),
  /** Signals that are measured again before the step counts as done. */
  measures: z.array(z.string()),
});
export type TuneParams = z.infer<typeof paramsSchema>;

export interface TuneAction extends TuneParams {
  readonly restores: boolean;
}

export const tuneAction = (
  action: typeof SET | typeof RESTORE,
  params: TuneParams,
): StepAction => ({
  driver: DRIVER,
  action,
  params: { ...params },
});

/** Throws invalid_input for what is no action of this driver. */
export const readTuneAction = ({ driver, action, params }: StepAction): TuneAction => {
  const parsed = paramsSchema.safeParse(params);
  if (driver === DRIVER && (action === SET || action === RESTORE) && parsed.success)
    return { ...parsed.data, restores: action === RESTORE };
  const detail = `workloads have no step ${driver} ${action} with these parameters`;
  throw new HoldfastError('invalid_input', { detail });
};

/** The uid of an object, null where it has none. */
export const uidOf = (object: KubeObject): string | null => {
  const uid = valueAt(object, ['metadata', 'uid']);
  return typeof uid === 'string' ? uid : null;
};

/** Why an object is not the one that an action is for, though it has its name; undefined where it is. */
export const otherObject = ({ uid }: Pick<TuneAction, 'uid'>, object: KubeObject) =>
  uid === null || uid === uidOf(object)
    ? undefined
    : 'the workload was deleted, and another one has its name';

/** The steps of a plan that this driver carries out. */
export const tuneSteps = ({ steps }: Pick<Plan, 'steps'>) =>
  steps.filter((step) => step.do.driver === DRIVER);

/** The workload that a plan or a request is for. Throws plan_failed when it names none. */
export const workloadOfTarget = (target: Readonly<Record<string, string>>): string => {
  const id = target['workload'];
  if (id === undefined) throw new HoldfastError('plan_failed', { detail: 'target: no workload' });
  return id;
};
