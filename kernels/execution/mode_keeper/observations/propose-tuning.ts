import { isHoldfastError, isTerminal, type Change, type TunedWorkload } from '@holdfast/contracts';
import { reasonOf } from '@holdfast/change';
import { canonicalize } from '@holdfast/merkle';
import type { Parts } from '../parts.ts';
import { lastChangeOf } from '../workloads/open-change.ts';
import type { Look } from './look-at-workload.ts';

/** What came of a look: the change that was made, or why there is none. */
export interface Proposal {
  readonly change: string | null;
  readonly note: string | null;
  readonly isNew: boolean;
}

/** Until actions whose change came to nothing are proposed again. */
const AGAIN_MS = 3_600_000;

const noted = (note: string | null, change: string | null = null): Proposal => ({
  change,
  note,
  isNew: false,
});

const targetsOf = (actions: unknown): string =>
  canonicalize(
    (Array.isArray(actions) ? actions : []).map(({ knob, target }: Record<string, unknown>) => [
      knob,
      target,
    ]),
  );

/** Why the last change of a workload stands against these actions; undefined where it does not. */
const standsAgainst = (
  last: Change | undefined,
  actions: readonly unknown[],
  nowMs: number,
): string | undefined => {
  if (!last) return undefined;
  if (!isTerminal(last.state)) return `change ${last.id} is still open`;
  if (last.state === 'done' || targetsOf(last.intent['actions']) !== targetsOf(actions))
    return undefined;
  const agoMs = nowMs - Date.parse(last.finished_at ?? last.updated_at);
  return agoMs < AGAIN_MS
    ? `change ${last.id}, which was the same, is ${last.state}: it is proposed again after an hour`
    : undefined;
};

/**
 * Makes a change of what a look allows, in mode propose: at most one open one for each workload, none on thin evidence,
 * none that would change nothing. Its observation is the key: the same one never makes two.
 */
export const proposeTuning = async (
  { context }: Pick<Parts, 'context'>,
  record: TunedWorkload,
  { observation, workload }: Look,
): Promise<Proposal> => {
  const { clock, needs, signal } = context;
  const { allowed, assessment, id } = observation;
  if (record.mode !== 'propose' || allowed.length === 0) return noted(null);
  if (!workload) return noted('the workload could not be read');
  if (!assessment.coverage_ok) return noted('there is too little evidence to change anything');
  const isThere = ({ knob, target }: (typeof allowed)[number]): boolean =>
    workload.state.knobs[knob] === target;
  if (allowed.every(isThere)) return noted('the workload has these values already');
  try {
    const last = await lastChangeOf(context, record);
    const against = standsAgainst(last, allowed, clock.now());
    if (against !== undefined) return noted(against);
    const change = await needs.governance.proposeChange(
      { kind: 'workload.tune', target: { workload: record.id }, intent: { actions: allowed } },
      { signal, idempotencyKey: id },
    );
    return { change: change.id, note: null, isNew: true };
  } catch (error) {
    signal.throwIfAborted();
    const words = `proposing a change: ${reasonOf(error).detail}`.slice(0, 2000);
    // Somebody else's, or one whose answer was lost.
    const other = isHoldfastError(error, 'change_conflict') ? error.details['other'] : undefined;
    return noted(words, typeof other === 'string' ? other : null);
  }
};
