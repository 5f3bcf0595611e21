/** What is known when a supervised process ended. */
export interface RunOutcome {
  /** Failures in a row before this run, already decayed. */
  readonly failures: number;
  /** Starts in a row before this one that never became healthy. */
  readonly failedStarts: number;
  /** How long the run that ended was healthy; undefined when it never was. */
  readonly healthyMs?: number;
}

export interface RestartLimits {
  /** Failed starts in a row after which there is a cool-down. */
  readonly attempts: number;
  readonly cooldownMs: number;
}

export interface RestartDecision {
  readonly failures: number;
  readonly failedStarts: number;
  readonly delayMs: number;
  /** It has not come up in several attempts: it cools down, and a person is told. */
  readonly limitReached: boolean;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** A process that does come up serves its callers in between: a long wait would cost them more than restarts do. */
const MAX_DELAY_AFTER_HEALTHY_MS = 5_000;
/** One that was healthy for this long did not fail at its start: it is started again at once. */
const STABLE_MS = 2_000;
const MAX_COOLDOWN_MS = 15 * 60_000;
const DECAY_MS = 60_000;

/** Each healthy minute takes one failure off the count. */
export const decayFailures = (failures: number, healthyMs: number): number =>
  Math.max(0, failures - Math.floor(healthyMs / DECAY_MS));

/**
 * When to start again: at once after the first failure or a stable life, else 100 ms doubling to 30 s. Jitter takes off
 * up to half, so that processes which fell together do not come back together. From the limit on there is one attempt after each
 * cool-down, and cool-downs double to 15 minutes: what was away (a database, a full disk) may have come back, and an
 * attempt now and then costs nothing. `random` is in [0, 1).
 */
export const decideRestart = (
  outcome: RunOutcome,
  limits: RestartLimits,
  random: number,
): RestartDecision => {
  const failures = decayFailures(outcome.failures, outcome.healthyMs ?? 0) + 1;
  const failedStarts = outcome.healthyMs === undefined ? outcome.failedStarts + 1 : 0;
  const over = failedStarts - limits.attempts;
  if (over >= 0) {
    const delayMs = Math.min(MAX_COOLDOWN_MS, limits.cooldownMs * 2 ** Math.min(over, 20));
    return { failures, failedStarts, delayMs, limitReached: true };
  }
  const limit = outcome.healthyMs === undefined ? MAX_DELAY_MS : MAX_DELAY_AFTER_HEALTHY_MS;
  const stable = (outcome.healthyMs ?? 0) >= STABLE_MS;
  const full =
    failures === 1 || stable
      ? 0
      : Math.min(limit, FIRST_DELAY_MS * 2 ** Math.min(failures - 2, 20));
  return {
    failures,
    failedStarts,
    delayMs: Math.round(full * (1 - random / 2)),
    limitReached: false,
  };
};
