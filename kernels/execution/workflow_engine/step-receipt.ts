import { isAtLeast, rateStep, reasonOf } from '@holdfast/change';
import { EVENT_TYPES, HoldfastError, type PlanStep } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';
import type { RunSession } from './run-session.ts';
import type { Slot } from './slots.ts';

/** An event takes some milliseconds from here to the ledger; one that takes long is asked for less often. */
const FIRST_MS = 5;
const LAST_MS = 250;
const ASK_TIMEOUT_MS = 5_000;
/** The newest events of a run; the step that is about to start is among them. */
const LOOKED_AT = 10;

/** Whether a step may only be handed out once the ledger has signed for the intent to carry it out. */
export const needsReceipt = (step: PlanStep): boolean => isAtLeast(rateStep(step).risk, 'medium');

/** Whether the start of this attempt is in the ledger under a signed checkpoint. */
const hasReceipt = async (
  { needs, signal }: WorkflowContext,
  { record: { run } }: RunSession,
  step: PlanStep,
): Promise<boolean> => {
  const options = { signal, timeoutMs: ASK_TIMEOUT_MS };
  const { items } = await needs.ledger.listEntries(
    { correlation: run.id, type: EVENT_TYPES.stepStarted, limit: LOOKED_AT },
    options,
  );
  const attempt = run.steps.find(({ key }) => key === step.key)?.attempts;
  const entry = items.find(
    ({ event: { data } }) =>
      data['step'] === step.key &&
      data['attempt'] === attempt &&
      data['plan_hash'] === run.plan_hash,
  );
  if (!entry) return false;
  const { index, checkpoint } = await needs.ledger.getProof({ id: entry.id }, options);
  return index < checkpoint.size;
};

/** Why there is no receipt yet; undefined when there is one. */
const missing = async (
  context: WorkflowContext,
  session: RunSession,
  step: PlanStep,
): Promise<string | undefined> => {
  try {
    if (await hasReceipt(context, session, step)) return undefined;
    return `the start of step ${step.key} is not in it yet`;
  } catch (error) {
    context.signal.throwIfAborted();
    return `asking for the start of step ${step.key}: ${reasonOf(error).detail}`;
  }
};

/**
 * Waits until the ledger has signed for the start of a step. Once that takes longer than events usually need, the run
 * says so and gives its place to others: while the ledger is away this waits for as long as it takes. Throws LeaseLost,
 * and when the kernel stops.
 */
export const waitForReceipt = async (
  context: WorkflowContext,
  session: RunSession,
  slot: Slot,
  step: PlanStep,
): Promise<void> => {
  const { clock, signal } = context;
  const pause = async (ms: number): Promise<void> => {
    await clock.sleep(ms, signal);
    signal.throwIfAborted();
    await session.confirm();
  };
  let why = await missing(context, session, step);
  for (let ms = FIRST_MS; why !== undefined && ms < LAST_MS; ms *= 2) {
    await pause(ms);
    why = await missing(context, session, step);
  }
  if (why !== undefined)
    await slot.without(async () => {
      for (; why !== undefined; why = await missing(context, session, step)) {
        const { code, message } = new HoldfastError('receipt_missing', { detail: why });
        await session.say(code, message.slice(0, 4000));
        await pause(LAST_MS);
      }
    });
  await session.unsay();
};
