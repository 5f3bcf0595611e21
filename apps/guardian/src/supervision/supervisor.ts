import type { ToChild } from '@holdfast/contracts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import type { ProcessRecord } from '../home/run-files.ts';
import type {
  Adopted,
  ProcessSpec,
  ProcessState,
  SupervisedProcess,
} from './supervised-process.ts';
import { createSupervisedProcess } from './supervised-process.ts';
import { createRoll } from './roll.ts';
import type { RestartHooks } from './restart-hooks.ts';

/** All processes of a stack under one roof. */
export interface Supervisor {
  add(spec: ProcessSpec): void;
  /** Undefined when there is no such process here. */
  one(name: string): SupervisedProcess | undefined;
  /** Undefined when there is no such process here. */
  stateOf(name: string): ProcessState | undefined;
  start(name: string, gate?: Promise<unknown>): void;
  adopt(name: string, running: Adopted): void;
  /** Every process that lives, by pid and start time. */
  records(): readonly ProcessRecord[];
  /** Resolves when the process was healthy once. */
  whenHealthy(name: string): Promise<void>;
  /** Resolves when the process was healthy once, sleeps, or its first life ended. */
  whenTried(name: string): Promise<void>;
  /** Resolves when each is healthy, asleep, or given up on for now. */
  whenSettled(): Promise<void>;
  /** The same of one of them. */
  whenOneSettled(name: string): Promise<void>;
  /** Those that callers need not wait for. */
  down(): ReadonlySet<string>;
  /** Tells all processes where the kernels are, now. */
  tellPorts(): void;
  checkAll(): Promise<void>;
  stop(name: string): Promise<void>;
  killAll(): void;
}

interface Options {
  readonly log: GuardianLog;
  readonly restarts: RestartHooks;
  /** Takes in how each process is, whenever one changed. */
  noted?(name: string, status: ProcessState['status']): void;
  /** Writes down what runs; resolves when that can be read by a later guardian. */
  record(processes: readonly ProcessRecord[]): Promise<void>;
  /** The message that tells all processes where the kernels are; `down` are those that callers need not wait for. */
  portsMessage(down: ReadonlySet<string>): ToChild;
}

interface Waiter {
  holds(): boolean;
  resolve(): void;
}

/** So long do callers wait in the backlog for a process that was healthy; afterwards they are told at once. */
const PATIENCE_MS = 3_000;
const SETTLED = new Set(['healthy', 'idle', 'failed']);
const UP = new Set(['healthy', 'idle', 'not_started', 'starting']);

export const createSupervisor = (options: Options): Supervisor => {
  const processes = new Map<string, SupervisedProcess>();
  const outSince = new Map<string, number>();
  let waiters: Waiter[] = [];
  let lastDown = '';

  const all = (): SupervisedProcess[] => [...processes.values()];
  const stateOf = (name: string): ProcessState | undefined => processes.get(name)?.state();

  const records = (): ProcessRecord[] =>
    all().flatMap((one) => one.identities().map((identity) => ({ name: one.name, ...identity })));
  const roll = createRoll(options, records);

  const isDown = ({ name, state }: SupervisedProcess): boolean => {
    const { status } = state();
    if (status === 'failed') return true;
    const since = outSince.get(name);
    return since !== undefined && performance.now() - since >= PATIENCE_MS;
  };

  const down = (): Set<string> => new Set(all().flatMap((one) => (isDown(one) ? one.name : [])));

  const tellPorts = (): void => {
    const now = down();
    lastDown = [...now].join();
    for (const one of all()) one.send(options.portsMessage(now));
  };

  const tellWhoIsDown = (): void => {
    if ([...down()].join() !== lastDown) tellPorts();
  };

  const noteOutages = (): void => {
    for (const { name, state } of all()) {
      options.noted?.(name, state().status);
      if (UP.has(state().status)) outSince.delete(name);
      else if (!outSince.has(name)) {
        outSince.set(name, performance.now());
        setTimeout(tellWhoIsDown, PATIENCE_MS + 1).unref();
      }
    }
  };

  const changed = (): Promise<void> => {
    noteOutages();
    tellWhoIsDown();
    const due = waiters.filter((waiter) => waiter.holds());
    waiters = waiters.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
    return roll.write();
  };

  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (holds()) resolve();
      else waiters.push({ holds, resolve });
    });

  const letGo = async (name: string, port: number): Promise<void> => {
    const others = all().filter((one) => one.name !== name);
    await Promise.all(others.map((one) => one.letGo(port)));
  };

  return {
    add(spec) {
      const { log, restarts } = options;
      const hooks = { log, restarts, changed, letGo };
      processes.set(spec.name, createSupervisedProcess(spec, hooks));
    },
    one: (name) => processes.get(name),
    stateOf,
    start: (name, gate = Promise.resolve()) => processes.get(name)?.start(gate),
    adopt(name, running) {
      processes.get(name)?.adopt(running);
      // What it knows may be of before a kernel was moved.
      processes.get(name)?.send(options.portsMessage(down()));
    },
    records,
    whenHealthy: (name) => until(() => stateOf(name)?.status === 'healthy'),
    whenTried: (name) =>
      until(
        () =>
          ['healthy', 'idle'].includes(stateOf(name)?.status ?? '') ||
          (stateOf(name)?.failures ?? 0) > 0,
      ),
    whenSettled: () => until(() => all().every((one) => SETTLED.has(one.state().status))),
    whenOneSettled: (name) => until(() => SETTLED.has(stateOf(name)?.status ?? 'failed')),
    down,
    tellPorts,
    checkAll: async () => void (await Promise.all(all().map((one) => one.check()))),
    stop: async (name) => processes.get(name)?.stop(),
    killAll: () => all().forEach((one) => one.killNow()),
  };
};
