import {
  annotationsAt,
  appliedAnnotations,
  isRecord,
  readWorkload,
  type KubeObject,
} from '@holdfast/tuning';
import { toMergePatch } from './sparse-patch.ts';
import type { StepKey } from './step-store.ts';
import type { TuneParams } from './tune-action.ts';

/** Names the step that changed a workload last: by it a step whose answer was lost is found again. */
export const STEP_ANNOTATION = 'modekeeper/step';

const stepName = ({ run, step }: StepKey): string => `${run}/${step}`;

/** Whether an object bears the mark of a step: its patch was the last one. */
export const bearsStep = (object: KubeObject, step: StepKey): boolean =>
  annotationsAt(object, [])[STEP_ANNOTATION] === stepName(step);

/**
 * The merge patch of a step: its fields, its mark, and what it adds to the memory of cool-downs and budgets. All of it or
 * nothing is stored, so the mark is as good as a look at the fields.
 */
export const stepPatch = (
  { patch, actions }: Pick<TuneParams, 'patch' | 'actions'>,
  object: KubeObject,
  step: StepKey,
  nowMs: number,
): Record<string, unknown> => {
  const { history } = readWorkload(object).state;
  const fields = toMergePatch(patch, object);
  const metadata = isRecord(fields['metadata']) ? fields['metadata'] : {};
  const annotations = isRecord(metadata['annotations']) ? metadata['annotations'] : {};
  const notes = {
    ...appliedAnnotations(history, actions, nowMs),
    [STEP_ANNOTATION]: stepName(step),
  };
  return { ...fields, metadata: { ...metadata, annotations: { ...annotations, ...notes } } };
};
