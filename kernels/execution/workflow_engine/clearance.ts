import { backoffMs } from '@holdfast/change';
import { CLEARANCE_MS, type Clearance } from '@holdfast/contracts';
import { isYoungerThan } from '@holdfast/sdk';
import type { WorkflowContext } from './context.ts';
import type { RunSession } from './run-session.ts';
import type { Slot } from './slots.ts';

const ASK_TIMEOUT_MS = 5_000;

/** What governance said, and when it was asked. */
export type Answered = Clearance & { readonly askedMs: number };

/** Whether a step may start by this answer now. */
export const letsStart = ({ clock }: WorkflowContext, { clear, askedMs }: Answered): boolean =>
  clear && isYoungerThan(clock, askedMs, CLEARANCE_MS);

/** Asks once; rejects when governance does not answer. */
export const askOnce = async (
  { needs, clock, signal }: WorkflowContext,
  id: string,
): Promise<Answered> => {
  const askedMs = clock.now();
  const answer = await needs.governance.getClearance({ id }, { signal, timeoutMs: ASK_TIMEOUT_MS });
  return { ...answer, askedMs };
};

/**
 * Asks governance whether steps of a run may start: kill switch, freezes, tripwires. While it cannot be asked nothing
 * may start, so this waits for as long as it takes; it throws only when the kernel stops.
 */
export const askClearance = async (context: WorkflowContext, id: string): Promise<Answered> => {
  const { clock, log, signal } = context;
  for (let failures = 1; ; failures += 1) {
    signal.throwIfAborted();
    try {
      const answer = await askOnce(context, id);
      if (!answer.clear || letsStart(context, answer)) return answer;
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, run: id }, 'governance cannot be asked; no step starts meanwhile');
      await clock.sleep(backoffMs(failures), signal);
    }
  }
};

export const HELD_MS = 1_000;

/** Says durably why no step starts. */
export const sayHeld = (session: RunSession, { code, detail }: Clearance): Promise<void> =>
  session.say(code ?? 'freeze_window', detail);

/**
 * Waits until steps may start, out of the way of other runs; answers what lets them, and how long that took (ms). Throws
 * LeaseLost, and when the kernel stops.
 */
export const waitForClearance = async (
  context: WorkflowContext,
  session: RunSession,
  slot: Slot,
): Promise<{ readonly clearance: Answered; readonly heldMs: number }> => {
  const { clock, signal } = context;
  const askedMs = clock.now();
  const ask = (): Promise<Answered> => askClearance(context, session.record.run.id);
  let clearance = await ask();
  if (clearance.clear) {
    await session.unsay();
    return { clearance, heldMs: 0 };
  }
  await slot.without(async () => {
    for (; !clearance.clear; clearance = await ask()) {
      await sayHeld(session, clearance);
      await clock.sleep(HELD_MS, signal);
      signal.throwIfAborted();
      await session.confirm();
    }
    await session.unsay();
  });
  return { clearance, heldMs: clock.now() - askedMs };
};
