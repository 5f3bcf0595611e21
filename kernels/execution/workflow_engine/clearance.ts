import { backoffMs } from '@holdfast/change';
import type { Freeze } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';

const ASK_TIMEOUT_MS = 5_000;

/**
 * Asks governance for the kill switch. While it cannot be asked nothing may start, so this waits for as long as it
 * takes; it throws only when the kernel stops.
 */
export const askFreeze = async (context: WorkflowContext): Promise<Freeze> => {
  const { clock, log, signal } = context;
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      return await context.needs.governance.getFreeze({}, { signal, timeoutMs: ASK_TIMEOUT_MS });
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, 'the kill switch cannot be asked for; no step starts meanwhile');
      await clock.sleep(backoffMs(failures), signal);
    }
  }
};

const HELD_MS = 1_000;

/** Waits until the kill switch is off; answers how long it was on (ms). Throws only when the kernel stops. */
export const waitForClearance = async (context: WorkflowContext): Promise<number> => {
  const { clock, signal } = context;
  const askedMs = clock.now();
  let heldMs = 0;
  while ((await askFreeze(context)).on) {
    await clock.sleep(HELD_MS, signal);
    heldMs = clock.now() - askedMs;
  }
  return heldMs;
};
