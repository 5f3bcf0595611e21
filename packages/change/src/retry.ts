import { isHoldfastError, type Reason } from '@holdfast/contracts';

const FIRST_MS = 250;
const LAST_MS = 5_000;

/** How long to wait before another try: doubles from 250 ms to 5 s. `failures` counts from 1. */
export const backoffMs = (failures: number): number =>
  Math.min(FIRST_MS * 2 ** Math.min(Math.max(0, failures - 1), 20), LAST_MS);

/**
 * Whether a failed call says nothing about the request itself, so that the same call may work later: the other side
 * is away, slow, busy or broken. A refusal with a reason is an answer, even one that may change.
 */
export const isTransient = (error: unknown): boolean => {
  if (!isHoldfastError(error)) return true;
  const { status, retry } = error.row;
  return retry === 'later' && (status >= 500 || status === 429);
};

/** A failure as a reason. What is no HoldfastError stays unnamed: its text was never meant for users. */
export const reasonOf = (error: unknown): Reason =>
  isHoldfastError(error)
    ? { code: error.code, detail: error.message.slice(0, 4000) }
    : { code: 'internal', detail: 'an internal error was recorded in the log' };
