/** What is known when a supervised process ended. */
export interface RunOutcome {
  /** Failures in a row before this run, already decayed. */
  readonly failures: number;
  /** How long the run that ended was healthy; undefined when it never was. */
  readonly healthyMs?: number;
}

export interface RestartDecision {
  readonly failures: number;
  readonly delayMs: number;
  /** It has not come up in several attempts: still retried, but no longer called restarting. */
  readonly crashLoop: boolean;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** A process that does come up serves its callers in between: a long wait would cost them more than restarts do. */
const MAX_DELAY_AFTER_HEALTHY_MS = 1_000;
const DECAY_MS = 60_000;
const CRASH_LOOP_FAILURES = 5;

/** Each healthy minute takes one failure off the count. */
export const decayFailures = (failures: number, healthyMs: number): number =>
  Math.max(0, failures - Math.floor(healthyMs / DECAY_MS));

/**
 * When to start again: at once after the first failure, then 100 ms doubling to 30 s. Jitter takes off up to half, so
 * that processes which fell together do not come back together. `random` is in [0, 1).
 */
export const decideRestart = (outcome: RunOutcome, random: number): RestartDecision => {
  const failures = decayFailures(outcome.failures, outcome.healthyMs ?? 0) + 1;
  const limit = outcome.healthyMs === undefined ? MAX_DELAY_MS : MAX_DELAY_AFTER_HEALTHY_MS;
  const full = failures === 1 ? 0 : Math.min(limit, FIRST_DELAY_MS * 2 ** (failures - 2));
  return {
    failures,
    delayMs: Math.round(full * (1 - random / 2)),
    crashLoop: outcome.healthyMs === undefined && failures >= CRASH_LOOP_FAILURES,
  };
};
