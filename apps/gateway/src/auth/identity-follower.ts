import type { Clock } from '@holdfast/sdk';
import type { GovernanceLine } from './governance-line.ts';

/** Follows the revision of identities, so that what was learnt before a change is not believed after it. */
export interface IdentityFollower {
  /** Begins to follow; again: nothing. */
  start(): void;
  /** Whether what is remembered is still what governance says, or was so half a minute ago at most. */
  isSure(): boolean;
  /** Grows with each change: an answer to a question that was put before it is not to be remembered. */
  generation(): number;
  close(): void;
}

export interface FollowerOptions {
  readonly line: Pick<GovernanceLine, 'revision'>;
  /** Called at each change, at once. */
  onChange(): void;
  /** Called when governance said that nothing changed, also with its first answer after a silence. */
  onSame(): void;
  readonly sleep: Clock['sleep'];
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** How long it may be that governance was heard from. */
export const SURE_MS = 30_000;
const WAIT_MS = 10_000;
const RETRY_MS = 250;

export const createIdentityFollower = (options: FollowerOptions): IdentityFollower => {
  const { line, now } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let started = false;
  let revision = -1;
  let generation = 0;
  let heardAt = -Infinity;

  const hear = (next: number): void => {
    heardAt = now();
    if (next === revision) return options.onSame();
    revision = next;
    generation += 1;
    options.onChange();
  };

  /** The first question, and the first after a failure, is answered at once: then it is known where governance is. */
  const follow = async (): Promise<void> => {
    let waitMs = 0;
    while (!signal.aborted) {
      const [before, askedAt] = [revision, now()];
      try {
        hear(await line.revision(before, waitMs, signal));
        const early = revision === before && waitMs > 0 && now() - askedAt < RETRY_MS;
        waitMs = WAIT_MS;
        if (early) await options.sleep(RETRY_MS, signal);
      } catch {
        waitMs = 0;
        await options.sleep(RETRY_MS, signal);
      }
    }
  };

  return {
    start() {
      if (started) return;
      started = true;
      void follow();
    },
    isSure: () => now() - heardAt < SURE_MS,
    generation: () => generation,
    close: () => closing.abort(),
  };
};
