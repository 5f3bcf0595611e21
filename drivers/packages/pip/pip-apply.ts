import { rm } from 'node:fs/promises';
import type { ApplyContext, PackageOperation, StepAction, StepResult } from '@holdfast/contracts';
import { isValidVersion } from '@holdfast/versions';
import { describeOperations, outstanding } from '../outstanding.ts';
import { staleFailure } from '../stale-operations.ts';
import { readPackageStep } from '../step-params.ts';
import { failed, succeeded, toolFailure } from '../step-results.ts';
import type { BrokenDistribution } from './broken-distributions.ts';
import { readVirtualEnvironment } from './pip-inventory.ts';
import type { PipReading } from './pip-inventory.ts';
import { optionLines } from './pip-options.ts';
import { removesPip } from './pip-verify.ts';
import { withRequirementsFile } from './requirements-file.ts';
import { runPip } from './run-pip.ts';
import { requireVirtualEnvironment } from './virtual-environment.ts';

/** Runs pip within what is left of the step's time; the failure when it fails. */
type Pip = (args: readonly string[]) => Promise<StepResult | undefined>;

const install = (
  pip: Pip,
  options: readonly string[],
  pins: readonly string[],
  args: readonly string[] = [],
): Promise<StepResult | undefined> =>
  withRequirementsFile([...options, ...pins], ({ requirements }) =>
    pip(['install', '--no-deps', '--quiet', ...args, '-r', requirements]),
  );

/**
 * Finishes installations that were cut short, at the version they were of: only then does pip know which files belong
 * to the package, so that it can replace or remove them. A rest beside a whole installation is dropped.
 */
const finishInterrupted = async (
  pip: Pip,
  options: readonly string[],
  reading: PipReading,
  broken: readonly BrokenDistribution[],
): Promise<StepResult | undefined> => {
  const pins: string[] = [];
  for (const { path, name, version } of broken) {
    const isWhole = Object.hasOwn(reading.inventory.packages, name);
    if (isWhole || version === undefined || !isValidVersion('pip', version)) {
      await rm(path, { recursive: true, force: true });
    } else {
      pins.push(`${name}==${version}`);
    }
  }
  return pins.length === 0 ? undefined : install(pip, options, pins, ['--ignore-installed']);
};

/** Removals go first: two packages may own files of one name, and the one that stays must have the last word. */
const carryOut = async (
  pip: Pip,
  options: readonly string[],
  todo: readonly PackageOperation[],
): Promise<StepResult | undefined> => {
  const removals = todo.filter(({ to }) => to === null).map(({ package: name }) => name);
  const failure = removals.length > 0 ? await pip(['uninstall', '-y', ...removals]) : undefined;
  if (failure) return failure;
  const pins = todo.flatMap(({ package: name, to }) => (to === null ? [] : [`${name}==${to}`]));
  return pins.length > 0 ? install(pip, options, pins) : undefined;
};

/**
 * Brings packages of a virtual environment to exact versions and says so only when a fresh inventory shows it.
 *
 * @throws HoldfastError `environment_not_isolated`, `invalid_input`, `package_name_invalid`
 */
export const applyPip = async (action: StepAction, context: ApplyContext): Promise<StepResult> => {
  const step = readPackageStep('pip', action);
  const options = optionLines(step.options);
  const deadline = Date.now() + context.timeoutMs;
  const { signal } = context;
  const { python } = await requireVirtualEnvironment(step.environment, { signal });
  if (removesPip(step.operations)) return failed('pip cannot be removed by itself');

  const pip: Pip = async (args) => {
    const onSpawn = context.onSpawn.bind(context);
    const timeoutMs = deadline - Date.now();
    return toolFailure('pip', await runPip(python, args, { timeoutMs, signal, onSpawn }));
  };
  const names = new Set(step.operations.map((operation) => operation.package));
  const read = (): Promise<PipReading> => readVirtualEnvironment(step.environment, { signal });
  const brokenIn = (reading: PipReading, setAside: boolean): BrokenDistribution[] =>
    reading.broken.filter((item) => names.has(item.name) && item.setAside === setAside);
  const unreadable = ({ inventory }: PipReading): StepResult | undefined =>
    inventory.coverage.status === 'failed'
      ? failed(`reading ${step.environment}: ${inventory.coverage.reason}`)
      : undefined;

  let reading = await read();
  let failure = unreadable(reading);
  failure ??= staleFailure('pip', reading.inventory.packages, step.operations, [
    ...reading.broken.map(({ name }) => name),
  ]);
  const interrupted = brokenIn(reading, false);
  if (!failure && interrupted.length > 0) {
    failure = await finishInterrupted(pip, options, reading, interrupted);
    if (!failure) reading = await read();
  }
  if (failure) return failure;

  const todo = outstanding('pip', reading.inventory.packages, step.operations);
  failure = await carryOut(pip, options, todo);
  if (failure) return failure;
  for (const { path } of brokenIn(reading, true)) await rm(path, { recursive: true, force: true });

  const after = await read();
  const left = outstanding('pip', after.inventory.packages, step.operations);
  if (left.length > 0) return unreadable(after) ?? failed(`not done: ${describeOperations(left)}`);
  if (todo.length === 0) return succeeded('everything was in place already');
  return succeeded(`done: ${describeOperations(todo)}`);
};
