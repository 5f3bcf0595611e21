import { installLightAbort } from './light-abort.ts';
import { beginSharing, endSharing, installSharedJson } from './shared-json.ts';
import type { Scheduled, Scheduler } from './scheduler.ts';

/** What the code under simulation takes from its surroundings, as it stands for the history that runs now. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  /** 0 <= value < 1. */
  random(): number;
  /** A failure that nobody caught: it ends a real process. */
  uncaught(error: unknown): void;
}

let current: Surroundings | undefined;

const surroundings = (): Surroundings => {
  if (!current) throw new Error('time was asked for outside of a history');
  return current;
};

export const enter = (next: Surroundings): void => {
  current = next;
  beginSharing();
};
export const leave = (): void => {
  current = undefined;
  endSharing();
};

/** Bytes that depend on the seed alone. */
export const seededBytes = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(surroundings().random() * 256)));

const RealDate = Date;
const realRandom = Math.random.bind(Math);
const realNow = performance.now.bind(performance);
const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;

const virtualNow = (): number => (current ? Math.floor(current.scheduler.now()) : RealDate.now());

class VirtualDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(virtualNow());
    else super(...(given as [number]));
  }
  static override now(): number {
    return virtualNow();
  }
}

/**
 * Replaces the clocks, timers and dice of this thread. Outside of a history they are the real ones; within it they are
 * virtual, and those that have no virtual counterpart throw.
 */
export const installVirtualGlobals = (): void => {
  globalThis.Date = VirtualDate as DateConstructor;
  Math.random = () => (current ? current.random() : realRandom());
  performance.now = () => (current ? current.scheduler.now() : realNow());
  const setVirtual = (run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): unknown =>
    current
      ? current.scheduler.after(Math.max(0, ms), undefined, 'timer', () => run(...given))
      : realSetTimeout(run, ms, ...given);
  const clearVirtual = (timer: unknown): void => {
    if (typeof (timer as Scheduled | undefined)?.cancel === 'function')
      (timer as Scheduled).cancel();
    else realClearTimeout(timer as number);
  };
  globalThis.setTimeout = setVirtual as unknown as typeof setTimeout;
  globalThis.clearTimeout = clearVirtual as unknown as typeof clearTimeout;
  process.on('unhandledRejection', (error) => {
    if (!current) throw error;
    current.uncaught(error);
  });
  installLightAbort();
  installSharedJson();
};
