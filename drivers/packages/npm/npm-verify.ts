import type { ReadContext, StepAction } from '@holdfast/contracts';
import { describeOperations } from '../outstanding.ts';
import { toolFailure } from '../step-results.ts';
import { prepareStep, readStepTarget } from './npm-step.ts';
import { readPlannedTree } from './planned-tree.ts';
import { installStaged, PLAN_TIMEOUT_MS } from './run-npm.ts';
import { withPlanFolder } from './staging.ts';
import { describeDifference } from './tree-difference.ts';

const MAX_DETAIL = 4000;

/** Lets npm plan the step on a copy of the manifests and looks whether it comes to exactly that tree. */
export const verifyNpm = async (
  action: StepAction,
  context: ReadContext = {},
): Promise<{ ok: boolean; detail: string }> => {
  const { root, operations } = await readStepTarget(action, context);
  const step = await prepareStep(root, operations);
  if (step.todo.length === 0) return { ok: true, detail: 'nothing to do' };
  if (step.obstacle !== undefined) return { ok: false, detail: step.obstacle };
  return withPlanFolder(root, step.manifest, async (folder) => {
    const run = await installStaged(folder, 'plan', 'nested', {
      timeoutMs: PLAN_TIMEOUT_MS,
      ...context,
    });
    const failure = toolFailure('npm', run);
    if (failure) return { ok: false, detail: failure.detail };
    const difference = describeDifference(step.expected, await readPlannedTree(folder));
    if (difference !== '') {
      return { ok: false, detail: `npm would not come to it: ${difference}`.slice(0, MAX_DETAIL) };
    }
    const detail = `would do: ${describeOperations(step.todo)}`;
    return { ok: true, detail: detail.slice(0, MAX_DETAIL) };
  });
};
