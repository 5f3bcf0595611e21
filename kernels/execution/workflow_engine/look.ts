import { isTransient, reasonOf } from '@holdfast/change';
import type { Observation } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';
import { ownerClient } from './owners.ts';
import type { RunRecord } from './run-record.ts';

/** How long the owner may be away before what it would have seen counts as unknown. */
const GIVE_UP_MS = 120_000;
const CALL_TIMEOUT_MS = 120_000;

const unknown = (detail: string, observed_at: string): Observation => ({
  status: 'unknown',
  world_revision: '',
  detail: detail.slice(0, 4000),
  differences: [],
  observed_at,
});

/**
 * Looks at the target; undefined when nobody could look yet and there is time to try again (counted from `since`).
 * `undone`: compares with the world as it was before the plan.
 */
export const look = async (
  context: WorkflowContext,
  { plan }: RunRecord,
  undone: boolean,
  since: string,
): Promise<Observation | undefined> => {
  const { clock, signal } = context;
  try {
    const owner = ownerClient(context, plan.owner, plan.kind);
    return await owner.observeChange({ plan, undone }, { signal, timeoutMs: CALL_TIMEOUT_MS });
  } catch (error) {
    signal.throwIfAborted();
    if (isTransient(error) && clock.now() - Date.parse(since) < GIVE_UP_MS) return undefined;
    return unknown(reasonOf(error).detail, clock.iso());
  }
};

/** Whether what was seen is the world that the plan was made for: then there is nothing to undo. */
export const isBase = ({ plan }: RunRecord, seen: Observation): boolean =>
  seen.world_revision !== '' && seen.world_revision === plan.base.revision;
