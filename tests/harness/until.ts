const PAUSE_MS = 15;

/**
 * Looks until `look` gives something, and returns that. What it throws meanwhile counts as nothing. Rejects after
 * `limitMs` with `what` and the last error.
 */
export const until = async <T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 60_000,
): Promise<T> => {
  const deadline = performance.now() + limitMs;
  let last: unknown = 'not so';
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = 'not so';
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`waited ${limitMs} ms for: ${what}; last: ${String(last)}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};
