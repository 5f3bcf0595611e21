import { HoldfastError, gatewayApi, type Op } from '@holdfast/contracts';
import { createRateLimiter } from './auth/rate-limiter.ts';

export interface CallLimits {
  /** Counts one call; throws rate_limited when there were too many. */
  count(op: Op, caller: string): void;
}

const BURST_S = 2;
const MAX_CALLERS = 10_000;

/** Never refused: supervisors decide by these whether the stack lives. */
const EXEMPT = new Set<string>([gatewayApi.ops.getHealth.path, gatewayApi.ops.getHealthz.path]);

/** `perSecond` calls of one caller in the long run, twice as many at once. */
export const createCallLimits = (perSecond: number): CallLimits => {
  const limiter = createRateLimiter({
    perSecond,
    burst: perSecond * BURST_S,
    maxKeys: MAX_CALLERS,
  });
  return {
    count(op, caller) {
      if (EXEMPT.has(op.path) || limiter.take(caller)) return;
      throw new HoldfastError('rate_limited', { limit: perSecond });
    },
  };
};
