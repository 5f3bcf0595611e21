/** Calls that wait for the next version of a change. */
export interface Waiters {
  /** Resolves at the next wake of this key. `cancel` forgets it. */
  next(key: string): { readonly woken: Promise<void>; cancel(): void };
  wake(key: string): void;
}

export const createWaiters = (): Waiters => {
  const waiting = new Map<string, Set<() => void>>();
  return {
    next(key) {
      const set = waiting.get(key) ?? new Set();
      waiting.set(key, set);
      let wake = (): void => {};
      const woken = new Promise<void>((resolve) => (wake = resolve));
      set.add(wake);
      return {
        woken,
        cancel() {
          set.delete(wake);
          if (set.size === 0 && waiting.get(key) === set) waiting.delete(key);
        },
      };
    },
    wake(key) {
      const set = waiting.get(key);
      waiting.delete(key);
      for (const wake of set ?? []) wake();
    },
  };
};
