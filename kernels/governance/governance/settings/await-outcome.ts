import { isTerminal, type Change } from '@holdfast/contracts';
import type { Parts } from '../context.ts';

/** Nothing happens to it any more without somebody else. */
const isOver = ({ state, held }: Change): boolean =>
  isTerminal(state) || (state === 'waiting' && !held);

/**
 * Waits until a change is finished or waits for people, at most `wait_ms`, and not when this process is told to stop:
 * then it is answered as it stands.
 */
export const awaitOutcome = async (
  { changes, context }: Pick<Parts, 'changes' | 'context'>,
  id: string,
  wait_ms: number,
  signal: AbortSignal,
): Promise<Change> => {
  const done = new AbortController();
  let isLate = wait_ms === 0;
  const deadline = context.clock
    .sleep(wait_ms, AbortSignal.any([signal, context.signal, done.signal]))
    .then(() => void (isLate = true));
  try {
    for (;;) {
      const next = changes.waiters.next(id);
      try {
        const { change } = await changes.load(id);
        if (isOver(change) || isLate) return change;
        await Promise.race([next.woken, deadline]);
      } finally {
        next.cancel();
      }
    }
  } finally {
    done.abort();
  }
};
