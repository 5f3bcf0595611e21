import { isHoldfastError } from '@holdfast/contracts';

const PATIENCE_MS = 120_000;
const PAUSE_MS = 200;

/** Nobody answered: what was asked for may have been done all the same. */
const isUnanswered = (error: unknown): boolean =>
  isHoldfastError(error, 'kernel_unavailable') || isHoldfastError(error, 'kernel_timeout');

const isPassing = (error: unknown): boolean =>
  isHoldfastError(error) && error.row.retry === 'later';

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** A read, put again until it is answered: a change of settings replaces what answers. */
export const patient = async <T>(read: () => Promise<T>): Promise<T> => {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!isPassing(error) || performance.now() > until) throw error;
      await pause();
    }
  }
};

/**
 * A call that may be left without an answer by what it brings about. Then `find` says what came of it; where it came to
 * nothing (undefined) the call is put again.
 */
export const carryThrough = async <T>(
  call: () => Promise<T>,
  find: () => Promise<T | undefined>,
): Promise<T> => {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      const found = await patient(find);
      if (found !== undefined) return found;
      if (performance.now() > until) throw error;
      await pause();
    }
  }
};
