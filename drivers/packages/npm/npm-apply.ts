import { join } from 'node:path';
import type { ApplyContext, StepAction, StepResult } from '@holdfast/contracts';
import { describeOperations, outstanding } from '../outstanding.ts';
import { failed, succeeded, toolFailure } from '../step-results.ts';
import { readNodeModules, versionsOf } from './node-modules.ts';
import { prepareStep, readStepTarget } from './npm-step.ts';
import { installStaged } from './run-npm.ts';
import { putInPlace, recoverStaging, withStagedTree } from './staging.ts';
import { describeDifference } from './tree-difference.ts';

/**
 * Brings packages at the top of a project's node_modules to exact versions. npm works on a staged copy, which takes
 * the place of node_modules only when it is exactly the expected tree: a step that fails, is stopped or dies leaves
 * the project as it was. `npm install` in the project itself would go by package.json and the lock file, move what
 * does not follow them, prune what they do not name, and leave half a package behind when it is killed. Neither
 * manifest is written.
 *
 * @throws HoldfastError `environment_not_isolated`, `invalid_input`, `package_name_invalid`
 */
export const applyNpm = async (action: StepAction, context: ApplyContext): Promise<StepResult> => {
  const deadline = Date.now() + context.timeoutMs;
  const { root, operations } = await readStepTarget(action, { signal: context.signal });
  await recoverStaging(root);
  const step = await prepareStep(root, operations);
  if (step.stale) return step.stale;
  if (step.todo.length === 0) return succeeded('everything was in place already');
  if (step.obstacle !== undefined) return failed(step.obstacle);

  return withStagedTree(root, step.manifest, async (folder) => {
    const run = await installStaged(folder, 'apply', 'nested', {
      timeoutMs: deadline - Date.now(),
      signal: context.signal,
      onSpawn: context.onSpawn.bind(context),
    });
    const failure = toolFailure('npm', run);
    if (failure) return failure;
    const staged = versionsOf(await readNodeModules(join(folder, 'node_modules')));
    const difference = describeDifference(step.expected, staged);
    if (difference !== '') return failed(`npm did not come to it: ${difference}`);
    if (context.signal.aborted) return failed('ended on request before the change took effect');

    await putInPlace(root, folder, step.links);
    const after = versionsOf(await readNodeModules(join(root, 'node_modules')));
    const left = outstanding('npm', after, operations);
    if (left.length > 0) return failed(`not done: ${describeOperations(left)}`);
    return succeeded(`done: ${describeOperations(step.todo)}`);
  });
};
