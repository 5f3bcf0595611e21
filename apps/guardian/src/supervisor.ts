import type { ToChild } from '@holdfast/contracts';
import type { GuardianLog } from './guardian-log.ts';
import type { ProcessRecord } from './run-files.ts';
import type { ProcessSpec, ProcessState, SupervisedProcess } from './supervised-process.ts';
import { createSupervisedProcess } from './supervised-process.ts';

/** All processes of a stack under one roof. */
export interface Supervisor {
  add(spec: ProcessSpec): void;
  /** Undefined when there is no such process here. */
  stateOf(name: string): ProcessState | undefined;
  start(name: string, gate?: Promise<unknown>): void;
  /** Resolves when the process was healthy once. */
  whenHealthy(name: string): Promise<void>;
  /** Resolves when the process was healthy once, or its first life ended. */
  whenTried(name: string): Promise<void>;
  /** Resolves when each is healthy or given up on for now. */
  whenSettled(): Promise<void>;
  /** Those that do not come up. */
  down(): ReadonlySet<string>;
  checkAll(): Promise<void>;
  stop(name: string): Promise<void>;
  killAll(): void;
}

interface Options {
  readonly log: GuardianLog;
  /** Writes down what runs; resolves when that can be read by a later guardian. */
  record(processes: readonly ProcessRecord[]): Promise<void>;
  /** The message that tells all processes where the kernels are; `down` are those that do not come up. */
  portsMessage(down: ReadonlySet<string>): ToChild;
}

interface Waiter {
  holds(): boolean;
  resolve(): void;
}

export const createSupervisor = (options: Options): Supervisor => {
  const processes = new Map<string, SupervisedProcess>();
  let waiters: Waiter[] = [];
  let recorded = '';
  let recording: Promise<void> = Promise.resolve();
  let lastDown = '';

  const all = (): SupervisedProcess[] => [...processes.values()];
  const stateOf = (name: string): ProcessState | undefined => processes.get(name)?.state();

  const recordProcesses = (): Promise<void> => {
    const running = all().flatMap((one) => {
      const { identity } = one.state();
      return identity === undefined ? [] : [{ name: one.name, ...identity }];
    });
    const content = JSON.stringify(running);
    if (content !== recorded) {
      recorded = content;
      recording = options.record(running).catch((error: Error) => {
        // Serving goes on; the next change tries again.
        recorded = '';
        options.log.error('could not record the processes', { error: error.message });
      });
    }
    return recording;
  };

  const down = (): Set<string> =>
    new Set(all().flatMap((one) => (one.state().status === 'failed' ? one.name : [])));

  const tellPorts = (): void => {
    const now = down();
    const key = [...now].join();
    if (key === lastDown) return;
    lastDown = key;
    for (const one of all()) one.send(options.portsMessage(now));
  };

  const changed = (): Promise<void> => {
    tellPorts();
    const due = waiters.filter((waiter) => waiter.holds());
    waiters = waiters.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
    return recordProcesses();
  };

  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (holds()) resolve();
      else waiters.push({ holds, resolve });
    });

  return {
    add: (spec) =>
      void processes.set(spec.name, createSupervisedProcess(spec, { log: options.log, changed })),
    stateOf,
    start: (name, gate = Promise.resolve()) => processes.get(name)?.start(gate),
    whenHealthy: (name) => until(() => stateOf(name)?.status === 'healthy'),
    whenTried: (name) =>
      until(() => stateOf(name)?.status === 'healthy' || (stateOf(name)?.restarts ?? 0) > 0),
    whenSettled: () =>
      until(() => all().every((one) => ['healthy', 'failed'].includes(one.state().status))),
    down,
    checkAll: async () => void (await Promise.all(all().map((one) => one.check()))),
    stop: async (name) => processes.get(name)?.stop(),
    killAll: () => all().forEach((one) => one.killNow()),
  };
};
