/** Longer keys are computed each time, so that hostile input cannot pin much memory. */
const MAX_KEY_LENGTH = 512;

/**
 * Remembers results of a pure function of one string. Holds at most `capacity` results and forgets
 * all of them when full: versions and specifiers repeat across a fleet, so a refill is cheap.
 */
export function createMemo<T>(capacity: number, compute: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const hit = known.get(key);
    if (hit !== undefined) return hit;
    const value = compute(key);
    if (key.length <= MAX_KEY_LENGTH) {
      if (known.size >= capacity) known.clear();
      known.set(key, value);
    }
    return value;
  };
}
