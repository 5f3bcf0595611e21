import { isAtLeast, isReceipt, rateStep, reasonOf } from '@holdfast/change';
import { EVENT_TYPES, HoldfastError, type Event, type PlanStep } from '@holdfast/contracts';
import type { Parts } from './context.ts';
import type { RunSession } from './run-session.ts';
import type { Slot } from './slots.ts';

/** An event takes some milliseconds from here to the ledger; one that takes long is asked for less often. */
const FIRST_MS = 5;
const LAST_MS = 250;
const ASK_TIMEOUT_MS = 5_000;
/** The newest events of a run; the step that is about to start is among them. */
const LOOKED_AT = 10;

type ReceiptParts = Pick<Parts, 'context' | 'ledgerKey'>;

/** Whether a step may only be handed out once the ledger has signed for the intent to carry it out. */
export const needsReceipt = (step: PlanStep): boolean => isAtLeast(rateStep(step).risk, 'medium');

type Proven = Pick<Event, 'type' | 'correlationid' | 'data'>;

/** Whether an event says that exactly this attempt of the step, of this plan, is about to start. */
const isIntent = (
  { record: { run } }: RunSession,
  { key }: PlanStep,
  { type, correlationid, data }: Proven,
): boolean =>
  type === EVENT_TYPES.stepStarted &&
  correlationid === run.id &&
  data['step'] === key &&
  data['attempt'] === run.steps.find((step) => step.key === key)?.attempts &&
  data['plan_hash'] === run.plan_hash;

/**
 * Whether the start of this attempt is in the ledger under a checkpoint that the ledger signed. What it lists only says
 * where to look: what counts is the text that is proven.
 */
const hasReceipt = async (
  { context: { needs, signal }, ledgerKey }: ReceiptParts,
  session: RunSession,
  step: PlanStep,
): Promise<boolean> => {
  const options = { signal, timeoutMs: ASK_TIMEOUT_MS };
  const { items } = await needs.ledger.listEntries(
    { correlation: session.record.run.id, type: EVENT_TYPES.stepStarted, limit: LOOKED_AT },
    options,
  );
  const entry = items.find(({ event }) => isIntent(session, step, event));
  if (!entry) return false;
  const proof = await needs.ledger.getProof({ id: entry.id }, options);
  return isReceipt(proof, (event) => isIntent(session, step, event), ledgerKey.trusts);
};

/** Why there is no receipt yet; undefined when there is one. */
const missing = async (
  parts: ReceiptParts,
  session: RunSession,
  step: PlanStep,
): Promise<string | undefined> => {
  try {
    if (await hasReceipt(parts, session, step)) return undefined;
    return (
      parts.ledgerKey.problem() ??
      `the start of step ${step.key} is not in it yet under a signed checkpoint`
    );
  } catch (error) {
    parts.context.signal.throwIfAborted();
    return `asking for the start of step ${step.key}: ${reasonOf(error).detail}`;
  }
};

/**
 * Waits until the ledger has signed for the start of a step. Once that takes longer than events usually need, the run
 * says so and gives its place to others: while the ledger is away this waits for as long as it takes. Throws LeaseLost,
 * and when the kernel stops.
 */
export const waitForReceipt = async (
  parts: ReceiptParts,
  session: RunSession,
  slot: Slot,
  step: PlanStep,
): Promise<void> => {
  const { clock, signal } = parts.context;
  const pause = async (ms: number): Promise<void> => {
    await clock.sleep(ms, signal);
    signal.throwIfAborted();
    await session.confirm();
  };
  let why = await missing(parts, session, step);
  for (let ms = FIRST_MS; why !== undefined && ms < LAST_MS; ms *= 2) {
    await pause(ms);
    why = await missing(parts, session, step);
  }
  if (why !== undefined)
    await slot.without(async () => {
      for (; why !== undefined; why = await missing(parts, session, step)) {
        const { code, message } = new HoldfastError('receipt_missing', { detail: why });
        await session.say(code, message.slice(0, 4000));
        await pause(LAST_MS);
      }
    });
  await session.unsay();
};
