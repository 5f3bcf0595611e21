/**
 * Stops a program at one of its await points, all of it at once, as a machine that is suspended does. Every question of
 * the program and every answer passes the gate; the pause begins at the n-th of those that count.
 */
export interface PauseGate {
  /** Runs an operation between two points: before it is sent, and before its answer is seen. */
  around<T>(operation: () => Promise<T>, counts?: boolean): Promise<T>;
  /** Points that were passed so far. */
  readonly passed: number;
  readonly isPaused: boolean;
  release(): void;
}

export const createPauseGate = (at: number): PauseGate => {
  let passed = 0;
  let isPaused = false;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const point = async (counts: boolean): Promise<void> => {
    if (counts) passed += 1;
    if (counts && passed === at) isPaused = true;
    if (isPaused) await released;
  };
  return {
    async around(operation, counts = true) {
      await point(counts);
      const outcome = await operation().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      await point(counts);
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    },
    get passed() {
      return passed;
    },
    get isPaused() {
      return isPaused;
    },
    release() {
      isPaused = false;
      release();
    },
  };
};
