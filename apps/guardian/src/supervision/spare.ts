import { createChildCalls, type ChildCalls } from './child-calls.ts';
import type { Child } from './child-process.ts';

/** One process in reserve, started and idle, that can become any program of the build. */
export interface Spare {
  /** The process now told to become the program; undefined when there is none in reserve. */
  take(entry: string, log: string): Child | undefined;
  /** Sees that there is one, unless there is not to be any. */
  refill(): void;
  /** Ends the one in reserve and starts another: it has the code of the build before. */
  renew(): void;
  readonly pid: number | undefined;
  close(): void;
}

interface Options {
  readonly enabled: boolean;
  start(): Child;
  /** Of the build on disk; undefined where it has none. */
  buildId(): string | undefined;
  readonly times?: SpareTimes;
}

export interface SpareTimes {
  /** Between two looks at the one in reserve. */
  readonly lookMs: number;
  /** One that answers no word in this time hangs. */
  readonly answerMs: number;
}

/** Later than the recovery that used the last one up, which needs the processor now. */
const REFILL_MS = 100;
const AFTER_DEATH_MS = 5_000;
const TIMES: SpareTimes = { lookMs: 2_000, answerMs: 1_500 };

export const createSpare = (options: Options): Spare => {
  const { lookMs, answerMs } = options.times ?? TIMES;
  let spare: Child | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let build: string | undefined;

  const fill = (): void => {
    timer = undefined;
    if (spare !== undefined || closed) return;
    try {
      build = options.buildId();
      const child = options.start();
      const calls = createChildCalls(child);
      child.onMessage((message) => void calls.take(message));
      spare = child;
      void watch(child, calls);
      void child.exited.then(() => {
        if (spare !== child) return;
        spare = undefined;
        fillIn(AFTER_DEATH_MS);
      });
    } catch {
      fillIn(AFTER_DEATH_MS);
    }
  };

  /** One that was stopped or hangs would make the recovery that takes it wait. */
  const watch = async (child: Child, calls: ChildCalls): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, lookMs).unref());
    if (spare !== child || closed) return;
    if ((await calls.ping(answerMs)) !== undefined) return watch(child, calls);
    if (spare === child) renew();
  };

  const fillIn = (ms: number): void => {
    if (options.enabled && !closed) timer ??= setTimeout(fill, ms);
  };

  const renew = (): void => {
    const old = spare;
    spare = undefined;
    old?.kill();
    fillIn(0);
  };

  return {
    take(entry, log) {
      const child = spare;
      if (child === undefined) return undefined;
      if (build !== options.buildId()) {
        renew();
        return undefined;
      }
      spare = undefined;
      child.send({ type: 'become', entry, log }).catch(() => child.kill());
      fillIn(REFILL_MS);
      return child;
    },
    refill: () => fillIn(0),
    renew,
    get pid() {
      return spare?.pid;
    },
    close() {
      closed = true;
      clearTimeout(timer);
      spare?.kill();
    },
  };
};
