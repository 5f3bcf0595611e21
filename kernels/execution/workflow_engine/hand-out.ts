import { backoffMs, isTransient, reasonOf } from '@holdfast/change';
import {
  HoldfastError,
  isHoldfastError,
  type PlanStep,
  type StepResult,
} from '@holdfast/contracts';
import { letsStart, waitForClearance, type Answered } from './clearance.ts';
import type { WorkflowContext } from './context.ts';
import { LeaseLost } from './leases.ts';
import { ownerClient } from './owners.ts';
import type { RunSession } from './run-session.ts';
import type { Slot } from './slots.ts';
import { issueKey } from './step-retry.ts';

/** One poll waits this long at the owner. An agent that came back gets its step again with the next poll. */
const WAIT_MS = 3_000;
const CALL_TIMEOUT_MS = WAIT_MS + 10_000;
/** What an owner has beyond the time of a step to stop it and to say so. */
const GRACE_MS = 30_000;
/** Between polls that answered early. */
const PAUSE_MS = 200;

/**
 * How a step ended; on `failed` with a code of the error table. `again`: whether it may be tried once more, from the
 * start (`anew`), or by asking for the same attempt because nobody knows whether it was started (`same`).
 */
export type StepEnd =
  | { readonly status: 'succeeded'; readonly detail: string }
  | {
      readonly status: 'failed';
      readonly code: string;
      readonly detail: string;
      readonly again?: 'anew' | 'same';
    };

const failed = (error: HoldfastError): Extract<StepEnd, { status: 'failed' }> => ({
  status: 'failed',
  code: error.code,
  detail: error.message.slice(0, 4000),
});

const endOf = (step: string, { status, code, detail }: StepResult): StepEnd => {
  if (status === 'succeeded') return { status, detail };
  const error = new HoldfastError('step_failed', { step, detail });
  return { ...failed(error), code: code ?? error.code, again: 'anew' };
};

/**
 * Hands a step to its owner and waits for its end. The owner knows the step by run and key and carries it out once,
 * however often it is asked: so a failed call, and a restart, just ask again until the time of the step is over.
 * An owner starts nothing unless it is asked, so it is not asked while no step may start; that time does not count.
 * `asked`: what governance said before the step was written down.
 * The owner refuses the call of an engine whose run was taken over. Throws LeaseLost, and when the kernel stops.
 */
export const handOut = async (
  context: WorkflowContext,
  session: RunSession,
  slot: Slot,
  step: PlanStep,
  asked: Answered,
): Promise<StepEnd> => {
  const { clock, signal } = context;
  const { run, plan, retry } = session.record;
  const { timeout_ms } = plan;
  const startedMs = clock.now();
  const key = issueKey(step.key, retry);
  const request = { run: run.id, step: key, target: plan.target, action: step.do };
  let clearance = asked;
  let heldMs = 0;
  const leftMs = (): number => startedMs + heldMs + timeout_ms + GRACE_MS - clock.now();
  let failures = 0;
  let lastFailure = '';
  for (;;) {
    if (!letsStart(context, clearance)) {
      const waited = await waitForClearance(context, session, slot);
      ({ clearance } = waited);
      heldMs += waited.heldMs;
    }
    await session.confirm();
    // Writing and reading take their time, and the world may have been frozen since it was asked.
    if (!letsStart(context, clearance)) continue;
    try {
      const wait_ms = Math.max(0, Math.min(WAIT_MS, leftMs()));
      const times = { timeout_ms: timeout_ms + heldMs, wait_ms };
      const owner = ownerClient(context, plan.owner, plan.kind);
      const options = { signal, timeoutMs: CALL_TIMEOUT_MS };
      const order = { ...request, ...times, fence: session.fence };
      session.touch();
      const answer = await owner.applyStep(order, options);
      if (answer.status !== 'running') return endOf(step.key, answer);
      failures = 0;
      lastFailure = '';
    } catch (error) {
      signal.throwIfAborted();
      if (isHoldfastError(error, 'fenced')) {
        session.drop();
        throw new LeaseLost(run.id);
      }
      if (!isTransient(error)) return { status: 'failed', ...reasonOf(error) };
      failures += 1;
      lastFailure = reasonOf(error).detail;
    }
    if (leftMs() <= 0) {
      const timeout = failed(new HoldfastError('step_timeout', { step: step.key, timeout_ms }));
      if (lastFailure === '') return timeout;
      return { ...timeout, detail: `${timeout.detail}: ${lastFailure}`, again: 'same' };
    }
    await clock.sleep(failures === 0 ? PAUSE_MS : backoffMs(failures), signal);
    signal.throwIfAborted();
  }
};
