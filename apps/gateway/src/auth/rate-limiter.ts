/** Counts by key. */
export interface RateLimiter {
  /** Takes one; false when there is none left. */
  take(key: string): boolean;
}

export interface RateLimiterOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** Keys remembered; the one that was seen first is forgotten when there are more. */
  readonly maxKeys: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

interface Bucket {
  left: number;
  at: number;
}

/** Token buckets: `burst` at once, `perSecond` in the long run. */
export const createRateLimiter = (options: RateLimiterOptions): RateLimiter => {
  const { perSecond, burst, maxKeys } = options;
  const now = options.now ?? (() => performance.now());
  const buckets = new Map<string, Bucket>();

  const refilled = (key: string): Bucket => {
    const time = now();
    let bucket = buckets.get(key);
    if (bucket === undefined) {
      if (buckets.size >= maxKeys) buckets.delete(buckets.keys().next().value!);
      bucket = { left: burst, at: time };
      buckets.set(key, bucket);
    } else {
      bucket.left = Math.min(burst, bucket.left + ((time - bucket.at) / 1000) * perSecond);
      bucket.at = time;
    }
    return bucket;
  };

  return {
    take(key) {
      const bucket = refilled(key);
      if (bucket.left < 1) return false;
      bucket.left -= 1;
      return true;
    },
  };
};
