import { isKernelId, type KernelId, type ProcessName } from '@holdfast/contracts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import { startStages } from '../supervision/start-order.ts';
import type { SupervisedProcess } from '../supervision/supervised-process.ts';
import type { Supervisor } from '../supervision/supervisor.ts';
import type { SettingsBook } from './settings-book.ts';

export interface RolloutFailure {
  readonly component: string;
  readonly detail: string;
}

export interface RolloutState {
  /** Every process that the settings concern runs with them and is healthy. */
  readonly settled: boolean;
  /** What was replaced for the settings in force, by this guardian. */
  readonly replaced: readonly string[];
  /** What did not come up with them. */
  readonly failure: RolloutFailure | undefined;
}

/** Brings every process to the settings in force, one after the other, each without a lost call. */
export interface Rollout {
  /** The settings were changed, or the stack has just come up. Resolves when nothing is left to do, or nothing can be done. */
  begin(): Promise<void>;
  state(): RolloutState;
}

interface Options {
  readonly book: SettingsBook;
  readonly supervisor: Supervisor;
  readonly names: readonly ProcessName[];
  /** With which settings this guardian started. */
  readonly own: string;
  readonly log: GuardianLog;
  /** Resolves when the stack has come up, or was taken over. */
  ready(): Promise<void>;
  /** Rejects with why a guardian that starts now would not take over. */
  checkSuccessor(): Promise<void>;
  /** Another guardian takes the place of this one. */
  succeed(): Promise<void>;
  settled(replaced: readonly string[]): void;
  /** Whether it was said that the settings of this start are in force. */
  isTold(): boolean;
}

/** Those that the change itself runs through come last, so that as much as possible is done before they are away. */
const LAST: readonly KernelId[] = ['workflow_engine', 'governance'];
/** What has no process, and starts with the settings in force when it has one. */
const ABSENT = new Set(['not_started', 'stopped', 'stopping', 'idle']);
const GUARDIAN = 'guardian';

const inOrder = (names: readonly ProcessName[]): ProcessName[] => {
  const kernels = startStages(names.filter(isKernelId)).flat();
  return [
    ...kernels.filter((id) => !LAST.includes(id)),
    ...LAST.filter((id) => kernels.includes(id)),
    ...names.filter((name) => !isKernelId(name)),
  ];
};

const hasOther = (one: SupervisedProcess, wanted: string): boolean => {
  const has = one.settings();
  return !ABSENT.has(one.state().status) && has !== undefined && has !== wanted;
};

export const createRollout = (options: Options): Rollout => {
  const { book, supervisor, names, log } = options;
  const order = inOrder(names);
  let replaced: string[] = [];
  let failure: RolloutFailure | undefined;
  let inForce = book.active;
  let running: Promise<void> | undefined;
  let again = false;
  let told = options.isTold();

  const isDue = (name: ProcessName): boolean => {
    const one = supervisor.one(name);
    return one !== undefined && hasOther(one, book.settingsOf(name));
  };

  const isUp = (name: ProcessName): boolean => {
    const one = supervisor.one(name);
    if (one === undefined) return true;
    const { status } = one.state();
    if (ABSENT.has(status) || status === 'healthy') return true;
    // What was down for good before, and is not concerned, holds nothing up.
    return status === 'failed' && !replaced.includes(name);
  };

  const guardianIsDue = (): boolean => options.own !== book.settingsOf(GUARDIAN);

  const fail = (component: string, detail: string): void => {
    failure = { component, detail };
    log.error(`${component} does not come up with the new settings`, { error: detail });
  };

  const replaceOne = async (name: ProcessName): Promise<void> => {
    const one = supervisor.one(name);
    if (one === undefined) return;
    const why = 'its settings were changed';
    const healthy = one.state().status === 'healthy';
    replaced.push(name);
    try {
      await (healthy ? one.replace(why) : one.restart(why));
    } catch (error) {
      // It is tried again by itself, with the new settings; only when that is given up on it is over.
      await supervisor.whenOneSettled(name);
      if (one.state().status !== 'healthy' || isDue(name)) fail(name, (error as Error).message);
      return;
    }
    if (isDue(name)) fail(name, 'it still runs with other settings');
  };

  const replaceGuardian = async (): Promise<void> => {
    try {
      await options.checkSuccessor();
    } catch (error) {
      fail(GUARDIAN, (error as Error).message);
      return;
    }
    await options.succeed();
  };

  const takeStock = (): void => {
    if (inForce === book.active) return;
    inForce = book.active;
    replaced = [];
    failure = undefined;
    told = false;
  };

  const converge = async (): Promise<void> => {
    await options.ready();
    for (;;) {
      takeStock();
      if (failure !== undefined) return;
      const name = order.find(isDue);
      if (name === undefined) break;
      await replaceOne(name);
    }
    if (guardianIsDue()) await replaceGuardian();
    else if (!told) {
      told = true;
      options.settled(replaced);
    }
  };

  const work = async (): Promise<void> => {
    do {
      again = false;
      await converge();
    } while (again);
  };

  return {
    begin() {
      again = true;
      running ??= work()
        .catch((error: Error) => fail(GUARDIAN, error.message))
        .finally(() => (running = undefined));
      return running;
    },
    state: () => ({
      settled:
        failure === undefined &&
        running === undefined &&
        !guardianIsDue() &&
        !order.some(isDue) &&
        order.every(isUp),
      replaced,
      failure: inForce === book.active ? failure : undefined,
    }),
  };
};
