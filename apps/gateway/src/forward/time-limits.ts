import type { Op } from '@holdfast/contracts';
import type { CallTimes } from './kernel-connection.ts';

export interface TimeLimits {
  readonly connectMs: number;
  /** To the first byte of the answer. */
  readonly firstByteMs: number;
  /** The same for operations that may wait for something to happen. */
  readonly waitingFirstByteMs: number;
  /** Between two pieces of an answer while the caller takes them. SSE has a comment every 15 s. */
  readonly betweenBytesMs: number;
}

export const defaultTimeLimits: TimeLimits = {
  connectMs: 5_000,
  firstByteMs: 30_000,
  waitingFirstByteMs: 60_000,
  betweenBytesMs: 60_000,
};

const waits = (op: Op): boolean => {
  if (op.stream) return true;
  const shape = (op.input as { readonly shape?: object }).shape;
  return shape !== undefined && 'wait_ms' in shape;
};

const firstByteOf = (op: Op, limits: TimeLimits): number =>
  Math.max(op.answerMs ?? 0, waits(op) ? limits.waitingFirstByteMs : limits.firstByteMs);

/** The limits of each operation; made once, because every request asks. */
export const createCallTimes = (limits: TimeLimits): ((op: Op) => CallTimes) => {
  const { connectMs, betweenBytesMs } = limits;
  const known = new WeakMap<Op, CallTimes>();
  return (op) => {
    let times = known.get(op);
    if (times === undefined) {
      times = { connectMs, firstByteMs: firstByteOf(op, limits), betweenBytesMs };
      known.set(op, times);
    }
    return times;
  };
};

const MAX_SWEEP_MS = 500;

/** How often to look for limits that passed: late by at most a quarter of the shortest. */
export const sweepInterval = (limits: TimeLimits): number =>
  Math.min(MAX_SWEEP_MS, ...Object.values(limits).map((ms: number) => ms / 4));
