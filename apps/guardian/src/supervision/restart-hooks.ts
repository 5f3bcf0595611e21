import type { EndCause } from './process-spec.ts';

/** What the restarts of one process are told to: incidents, history and events are made of it. */
export interface RestartHooks {
  /** It ended, or stopped answering, and nobody had asked for it. */
  down(name: string, cause: EndCause): void;
  /** It is started again, for the n-th time in this outage. */
  attempt(name: string, attempt: number): void;
  /** It answered for itself again. */
  recovered(name: string, pid: number): void;
  /** It did not come up in several attempts: a person is needed. */
  limitReached(name: string, why: string): void;
}
