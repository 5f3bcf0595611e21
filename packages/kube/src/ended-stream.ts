import type { LogStream, Outcome } from './cluster.ts';

/** A stream of no lines, for a call that ended before it could begin. */
export const endedStream = (outcome: Outcome): LogStream => ({
  outcome: Promise.resolve(outcome),
  async *[Symbol.asyncIterator]() {
    // No line is ever there.
  },
});
