import { setTimeout as delay } from 'node:timers/promises';

/** Waits for something that no event announces; the test's own time limit ends it. */
export const until = async <T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await delay(10);
  }
};
