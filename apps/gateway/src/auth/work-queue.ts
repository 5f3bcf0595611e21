/** Runs at most `running` pieces of work at a time and lets at most `waiting` wait. */
export interface WorkQueue {
  /** undefined, without running it, when too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T> | undefined;
}

export const createWorkQueue = (limits: {
  readonly running: number;
  readonly waiting: number;
}): WorkQueue => {
  const waiting: (() => void)[] = [];
  let running = 0;

  const start = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= limits.running) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place is handed on rather than freed, so that nobody overtakes those who wait.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  return {
    run: (work) =>
      running >= limits.running && waiting.length >= limits.waiting ? undefined : start(work),
  };
};
