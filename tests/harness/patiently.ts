import { isHoldfastError } from '@holdfast/contracts';

const PAUSE_MS = 100;

/**
 * Repeats a call until it is answered. Only refusals that say "later" and connections that break are repeated: that is
 * what a caller of a stack whose parts are being killed has to do. Rejects after `limitMs` with the last refusal.
 */
export const patiently = async <T>(call: () => Promise<T>, limitMs = 90_000): Promise<T> => {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const later = isHoldfastError(error) && error.row.retry === 'later';
      if (!later || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};
