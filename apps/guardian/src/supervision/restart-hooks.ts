import type { ProcessName } from '@holdfast/contracts';
import type { EndCause } from './process-spec.ts';

/** What the restarts of one process are told to: incidents, history and events are made of it. */
export interface RestartHooks {
  /** It ended, or stopped answering, and nobody had asked for it. */
  down(name: ProcessName, cause: EndCause): void;
  /** It is started again, for the n-th time in this outage. */
  attempt(name: ProcessName, attempt: number): void;
  /** It answers for itself, for the first time in this life. */
  recovered(name: ProcessName, pid: number): void;
  /** It did not come up in several attempts: a person is needed. */
  limitReached(name: ProcessName, why: string): void;
}
