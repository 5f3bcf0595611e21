import type {
  ApplyContext,
  PackageManager,
  PackageOperation,
  StepAction,
  StepResult,
} from '@holdfast/contracts';
import { describeOperations, outstanding } from '../outstanding.ts';
import { staleFailure } from '../stale-operations.ts';
import { readPackageStep } from '../step-params.ts';
import { failed, succeeded } from '../step-results.ts';
import type { FakeWorld } from './fake-world.ts';

/** Waits for an abort, the end of the step's time, or `delayMs` when it is given. */
const wait = ({ signal, timeoutMs }: ApplyContext, delayMs = Infinity) =>
  new Promise<'done' | 'timeout' | 'aborted'>((resolve) => {
    const finish = (how: 'done' | 'timeout' | 'aborted'): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const onAbort = (): void => finish('aborted');
    const isLate = delayMs > timeoutMs;
    const timer = setTimeout(
      () => finish(isLate ? 'timeout' : 'done'),
      Math.min(delayMs, timeoutMs),
    );
    if (signal.aborted) finish('aborted');
    else signal.addEventListener('abort', onAbort, { once: true });
  });

const stopped = (how: 'timeout' | 'aborted'): StepResult =>
  how === 'timeout'
    ? failed('the fake was ended at its time limit', 'step_timeout')
    : failed('the fake was ended on request');

const write = (
  world: FakeWorld,
  environment: string,
  operations: readonly PackageOperation[],
): Promise<void> =>
  world.change((state) => {
    const packages = { ...state.environments[environment] };
    for (const { package: name, to } of operations) {
      if (to === null) delete packages[name];
      else packages[name] = to;
    }
    return { ...state, environments: { ...state.environments, [environment]: packages } };
  });

/** Carries out a step on the fake's world, in the way that the `apply` knob says. */
export const applyFake = async (
  id: PackageManager,
  world: FakeWorld,
  action: StepAction,
  context: ApplyContext,
): Promise<StepResult> => {
  const { environment, operations } = readPackageStep(id, action);
  const { knobs, environments, catalogue } = await world.read();
  const todo = outstanding(id, environments[environment] ?? {}, operations);
  const stale = staleFailure(id, environments[environment] ?? {}, operations, []);
  if (stale) return stale;
  const half = todo.slice(0, Math.ceil(todo.length / 2));
  if (knobs.delay_ms !== undefined) {
    const how = await wait(context, knobs.delay_ms);
    if (how !== 'done') return stopped(how);
  }
  switch (knobs.apply) {
    case 'throws':
      throw new Error('the fake driver broke');
    case 'lies':
      return succeeded(`done: ${describeOperations(todo)}`);
    case 'fails_before':
      return failed('the fake failed before it changed anything');
    case 'hangs': {
      const how = await wait(context);
      return stopped(how === 'aborted' ? how : 'timeout');
    }
    case 'fails_midway':
      await write(world, environment, half);
      return failed(`the fake failed after: ${describeOperations(half)}`);
    case 'crashes_midway':
      await write(world, environment, half);
      process.kill(process.pid, 'SIGKILL');
      break;
    case 'fails_after':
      await write(world, environment, todo);
      return failed('the fake failed after it changed everything');
    case undefined:
      break;
  }
  const unknown = todo.find(
    ({ package: name, to }) => to !== null && !catalogue[name]?.includes(to),
  );
  if (unknown) return failed(`there is no ${unknown.package} ${unknown.to}`);
  await write(world, environment, todo);
  return succeeded(todo.length > 0 ? `done: ${describeOperations(todo)}` : 'nothing to do');
};
