/** A fixed number of places; whoever finds none waits, first come first served. */
export interface Slots {
  /** Runs the work in a place and gives the place back however it ends. */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

export const createSlots = (count: number): Slots => {
  let free = count;
  const queue: (() => void)[] = [];
  const give = (): void => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  return {
    async hold(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => queue.push(resolve));
      try {
        return await work();
      } finally {
        give();
      }
    },
  };
};
