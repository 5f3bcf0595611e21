/** A place that can be left for a while. */
export interface Slot {
  /** Gives the place to others during the work, then waits for one again. */
  without<T>(work: () => Promise<T>): Promise<T>;
}

/** A fixed number of places; whoever finds none waits, first come first served. */
export interface Slots {
  /** Whether whoever comes now finds a place at once. */
  isFree(): boolean;
  /** Runs the work in a place and gives the place back however it ends. */
  hold<T>(work: (slot: Slot) => Promise<T>): Promise<T>;
}

export const createSlots = (count: number): Slots => {
  let free = count;
  const queue: (() => void)[] = [];
  const give = (): void => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  /** Undefined when there was a place at once. */
  const take = (): Promise<void> | undefined => {
    if (free === 0) return new Promise<void>((resolve) => queue.push(resolve));
    free -= 1;
    return undefined;
  };
  const slot: Slot = {
    async without(work) {
      give();
      try {
        return await work();
      } finally {
        await take();
      }
    },
  };
  return {
    isFree: () => free > 0,
    async hold(work) {
      const queued = take();
      if (queued) await queued;
      try {
        return await work(slot);
      } finally {
        give();
      }
    },
  };
};
