import { isTransient, reasonOf } from '@holdfast/change';
import type { Observation, Plan } from '@holdfast/contracts';
import type { Parts, WorkflowContext } from './context.ts';
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
  plan: Plan,
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

/** Whether what was seen is the world that a plan was made for: then there is nothing to undo. */
export const isBase = (plan: Plan, seen: Observation): boolean =>
  seen.world_revision !== '' && seen.world_revision === plan.base.revision;

/**
 * Looks at what an undo has made of the world, with the eyes of the plan that it undoes: as planned is only what was
 * recorded before that plan touched it. Undefined as with `look`.
 */
const lookAtPreImage = async (
  { context, runs }: Parts,
  reverts: string,
  since: string,
): Promise<Observation | undefined> => {
  const original = await runs.find(reverts);
  if (!original)
    return unknown(`the plan of change ${reverts}, which this undoes, is not known here`, since);
  const { plan } = original;
  const seen = await look(context, plan, true, since);
  if (!seen) return undefined;
  if (isBase(plan, seen)) {
    const detail = `the world is as it was before change ${reverts}`;
    return { ...seen, status: 'as_planned', detail, differences: [] };
  }
  const words = {
    as_planned: 'what it touched is as it was before',
    different: 'what it touched is not as it was before',
    unknown: 'whether what it touched is as it was before is not known',
  }[seen.status];
  return { ...seen, detail: `${words} change ${reverts}: ${seen.detail}`.slice(0, 4000) };
};

/** Looks whether a run has led where it should: to the end of its plan or, for an undo, back to the recorded start. */
export const lookAtEnd = (
  parts: Parts,
  { plan, reverts }: RunRecord,
  since: string,
): Promise<Observation | undefined> =>
  reverts === null
    ? look(parts.context, plan, false, since)
    : lookAtPreImage(parts, reverts, since);
