const LONG_LIFE_MS = 10_000;
const FIRST_MS = 100;
const MAX_MS = 10_000;

/** When to start the next guardian: at once, and later each time when they keep dying young. */
export const createRespawnDelay = () => {
  let young = 0;
  return (livedMs: number): number => {
    young = livedMs >= LONG_LIFE_MS ? 0 : young + 1;
    return young <= 1 ? 0 : Math.min(MAX_MS, FIRST_MS * 2 ** (young - 2));
  };
};
