import type { Op } from '@holdfast/contracts';

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

const waiting = new WeakMap<Op, boolean>();

export const firstByteLimit = (limits: TimeLimits, op: Op): number => {
  let long = waiting.get(op);
  if (long === undefined) waiting.set(op, (long = waits(op)));
  return long ? limits.waitingFirstByteMs : limits.firstByteMs;
};
