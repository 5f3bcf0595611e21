import { HoldfastError, gatewayApi, type Op } from '@holdfast/contracts';
import { createRateLimiter } from './auth/rate-limiter.ts';

export interface CallLimits {
  /** Counts one call; throws rate_limited when there were too many. */
  count(op: Op, caller: string): void;
}

const BURST_S = 2;
const MAX_CALLERS = 10_000;

/** Never refused: supervisors decide by these whether the stack lives. */
const EXEMPT = new Set<string>(
  [gatewayApi.ops.getHealth.path, gatewayApi.ops.getHealthz.path].flatMap((path) => [
    path,
    `/api${path}`,
  ]),
);

/**
 * `perSecond` calls of one caller in the long run, twice as many at once. Of `share` processes on one socket each counts
 * for itself and gives its part, rounded up.
 */
export const createCallLimits = (perSecond: number, share: number): CallLimits => {
  const limit = Math.ceil(perSecond / share);
  const limiter = createRateLimiter({
    perSecond: limit,
    burst: limit * BURST_S,
    maxKeys: MAX_CALLERS,
  });
  return {
    count(op, caller) {
      if (EXEMPT.has(op.path) || limiter.take(caller)) return;
      throw new HoldfastError('rate_limited', { limit });
    },
  };
};
