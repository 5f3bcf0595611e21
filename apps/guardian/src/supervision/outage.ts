import type { ProcessName } from '@holdfast/contracts';
import type { EndCause } from './process-spec.ts';
import type { RestartHooks } from './restart-hooks.ts';

/** Whether one process is down, and what was told about it. */
export interface Outage {
  readonly lasts: boolean;
  begins(cause: EndCause): void;
  attempt(): void;
  limitReached(why: string): void;
  /** A life is healthy for the first time. */
  ends(pid: number): void;
}

/** Tells of each outage once that it began, of each attempt, and of each process that came up. */
export const createOutage = (name: ProcessName, hooks: RestartHooks): Outage => {
  let lasts = false;
  let attempts = 0;
  return {
    get lasts() {
      return lasts;
    },
    begins(cause) {
      if (!lasts) attempts = 0;
      lasts = true;
      hooks.down(name, cause);
    },
    attempt() {
      attempts += 1;
      hooks.attempt(name, attempts);
    },
    limitReached: (why) => hooks.limitReached(name, why),
    ends(pid) {
      lasts = false;
      hooks.recovered(name, pid);
    },
  };
};
