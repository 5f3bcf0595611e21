import type { ReadContext, StepAction } from '@holdfast/contracts';
import { describeOperations, outstanding } from '../outstanding.ts';
import { readPackageStep } from '../step-params.ts';
import { dryRun } from './dry-run.ts';
import { readVirtualEnvironment } from './pip-inventory.ts';
import { optionLines } from './pip-options.ts';
import { requireVirtualEnvironment } from './virtual-environment.ts';

const REMOVES_PIP =
  'pip cannot be removed: the environment could not be read or changed afterwards';

export const removesPip = (
  operations: readonly { package: string; to: string | null }[],
): boolean => operations.some(({ package: name, to }) => name === 'pip' && to === null);

/** Asks pip whether it could install exactly these versions, on their own. */
export const verifyPip = async (
  action: StepAction,
  context: ReadContext = {},
): Promise<{ ok: boolean; detail: string }> => {
  const step = readPackageStep('pip', action);
  const options = optionLines(step.options);
  const venv = await requireVirtualEnvironment(step.environment, context);
  if (removesPip(step.operations)) return { ok: false, detail: REMOVES_PIP };
  const { inventory } = await readVirtualEnvironment(step.environment, context);
  if (inventory.coverage.status === 'failed') {
    return { ok: false, detail: `reading ${step.environment}: ${inventory.coverage.reason}` };
  }
  const todo = outstanding('pip', inventory.packages, step.operations);
  const pins = todo.flatMap(({ package: name, to }) => (to === null ? [] : [`${name}==${to}`]));
  if (pins.length > 0) {
    const planned = await dryRun(venv.python, [...options, ...pins], ['--no-deps'], context);
    if ('failure' in planned) return { ok: false, detail: planned.failure.detail };
  }
  const detail = todo.length > 0 ? `would do: ${describeOperations(todo)}` : 'nothing to do';
  return { ok: true, detail: detail.slice(0, 4000) };
};
