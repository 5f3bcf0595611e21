/** Remembers keys for a while, at most `maxKeys` of them. */
export interface RecentSet {
  add(key: string): void;
  has(key: string): boolean;
}

export const createRecentSet = (options: {
  readonly keepMs: number;
  readonly maxKeys: number;
  readonly now?: () => number;
}): RecentSet => {
  const now = options.now ?? (() => performance.now());
  const until = new Map<string, number>();
  return {
    add(key) {
      until.delete(key);
      if (until.size >= options.maxKeys) until.delete(until.keys().next().value!);
      until.set(key, now() + options.keepMs);
    },
    has(key) {
      const end = until.get(key);
      if (end === undefined) return false;
      if (end > now()) return true;
      until.delete(key);
      return false;
    },
  };
};
