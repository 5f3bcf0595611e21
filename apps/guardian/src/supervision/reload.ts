import type { OpOutput, ProcessName, guardianApi } from '@holdfast/contracts';
import { HoldfastError, isKernelId } from '@holdfast/contracts';
import type { Supervisor } from './supervisor.ts';
import { startStages } from './start-order.ts';
import type { Spare } from './spare.ts';

type Reloaded = OpOutput<(typeof guardianApi)['ops']['reload']>;

interface Options {
  readonly supervisor: Supervisor;
  readonly spare: Spare;
  readonly names: readonly ProcessName[];
  resolve(name: string): ProcessName | undefined;
  /** Rejects with why a guardian that starts now would not take over. */
  checkSuccessor(): Promise<void>;
  /** This guardian leaves and another one takes its place, soon after the answer was sent. */
  succeed(): void;
}

const GUARDIAN = 'guardian';
const ALL = 'all';

/**
 * Replaces processes by ones of the build on disk, one after the other: kernels in the order in which they start, then
 * the gateways, the agent, and at last the guardian. It stops at the first that does not come up.
 */
export const createReload = (options: Options): ((component: string) => Promise<Reloaded>) => {
  const { supervisor, spare, names } = options;
  let runningSince: Date | undefined;

  const inOrder = (): ProcessName[] => [
    ...startStages(names.filter(isKernelId)).flat(),
    ...names.filter((name) => !isKernelId(name)),
  ];

  const targets = (component: string): readonly ProcessName[] => {
    if (component === ALL) return inOrder();
    if (component === GUARDIAN) return [];
    if (component === 'gateway') return names.filter((name) => name.startsWith('gateway'));
    const name = options.resolve(component);
    if (name === undefined) throw new HoldfastError('component_unknown', { name: component });
    if (names.includes(name)) return [name];
    const reason = 'it is not part of this stack';
    throw new HoldfastError('component_not_started', { component, reason });
  };

  const checkSuccessor = async (): Promise<void> => {
    try {
      await options.checkSuccessor();
    } catch (error) {
      throw new HoldfastError('reload_failed', {
        component: GUARDIAN,
        detail: (error as Error).message,
      });
    }
  };

  const reloadOne = async (name: ProcessName): Promise<Reloaded['reloaded']> => {
    const one = supervisor.one(name);
    // What sleeps starts from the new build anyway.
    if (one === undefined || one.state().status === 'idle') return [];
    const began = performance.now();
    const old_pid = one.state().pid ?? null;
    try {
      const new_pid = await one.replace('reload');
      return [{ component: name, old_pid, new_pid, duration_ms: performance.now() - began }];
    } catch (error) {
      throw new HoldfastError('reload_failed', {
        component: name,
        detail: (error as Error).message,
      });
    }
  };

  return async (component) => {
    if (runningSince !== undefined)
      throw new HoldfastError('reload_in_progress', { since: runningSince.toISOString() });
    const due = targets(component);
    runningSince = new Date();
    const guardian_follows = component === ALL || component === GUARDIAN;
    try {
      if (guardian_follows) await checkSuccessor();
      const reloaded: Reloaded['reloaded'] = [];
      for (const name of due) reloaded.push(...(await reloadOne(name)));
      spare.renew();
      if (guardian_follows) options.succeed();
      return { reloaded, guardian_follows };
    } finally {
      runningSince = undefined;
    }
  };
};
