import type { Observation, Plan, PlanStep } from '@holdfast/contracts';
import { rolloutOf, worldRevision, type KubeObject } from '@holdfast/tuning';
import { readObject } from '../cluster/read-object.ts';
import type { Parts } from '../parts.ts';
import { differencesFrom } from './sparse-patch.ts';
import { otherObject, readTuneAction, tuneSteps } from './tune-action.ts';

const MOST_DIFFERENCES = 500;

/** What is not as it should be. Taken back is a patch once its fields are: the rollout was waited for by its step. */
const differencesOf = (object: KubeObject, step: PlanStep, undone: boolean): string[] => {
  const action = readTuneAction(step.do);
  const { patch, expects } = action;
  const other = otherObject(action, object);
  if (other !== undefined) return [other];
  if (undone) return differencesFrom(expects, object);
  const rollout = rolloutOf(object);
  const unfinished = rollout.finished ? [] : [`rollout: ${rollout.detail}`];
  return [...differencesFrom(patch, object), ...unfinished];
};

/** Compares a workload with where a plan, or its way back, should have led. `unknown` where it cannot be read. */
export const observeTune = async (
  { context, clusters }: Parts,
  plan: Plan,
  undone: boolean,
): Promise<Observation> => {
  const differences: string[] = [];
  let world_revision = '';
  const observed = (status: Observation['status'], detail: string): Observation => ({
    status,
    world_revision,
    detail: detail.slice(0, 4000),
    differences: differences.slice(0, MOST_DIFFERENCES),
    observed_at: context.clock.iso(),
  });
  const steps = tuneSteps(plan);
  for (const step of steps) {
    const { context: place, ref } = readTuneAction(step.do);
    const read = await readObject(clusters(place), ref);
    if (!('object' in read)) return observed('unknown', `it cannot be read: ${read.detail}`);
    world_revision = worldRevision(read.object);
    differences.push(...differencesOf(read.object, step, undone));
  }
  const what = undone ? 'before' : 'planned';
  return differences.length === 0
    ? observed('as_planned', `the workload is as ${what}`)
    : observed('different', `the workload is not as ${what}`);
};
