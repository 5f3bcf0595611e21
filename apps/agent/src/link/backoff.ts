const FIRST_MS = 200;
const LONGEST_MS = 15_000;

/** Waiting times that double up to a limit, each between half and all of its span so that agents spread out. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export const createBackoff = (random: () => number = Math.random): Backoff => {
  let spanMs = FIRST_MS;
  return {
    next() {
      const ms = spanMs * (0.5 + random() / 2);
      spanMs = Math.min(spanMs * 2, LONGEST_MS);
      return ms;
    },
    reset() {
      spanMs = FIRST_MS;
    },
  };
};
