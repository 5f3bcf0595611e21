/** A test that may be left out says why in its name: `SKIPPED: no server here`, `Linux only: needs /proc`. */
export const SKIP_REASON = /\b(skipped|only): \S/i;
