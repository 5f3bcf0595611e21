/** Wakes everyone who waits for new events. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const createBell = (): Bell => {
  let listeners = new Set<() => void>();
  return {
    ring() {
      const current = listeners;
      listeners = new Set();
      for (const wake of current) wake();
    },
    wait(ms, signal) {
      return new Promise((resolve) => {
        if (signal.aborted || ms <= 0) return resolve();
        const done = (): void => {
          clearTimeout(timer);
          listeners.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        listeners.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
};
