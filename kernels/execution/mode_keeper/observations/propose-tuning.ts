import { isHoldfastError, type TunedWorkload } from '@holdfast/contracts';
import { reasonOf } from '@holdfast/change';
import type { Parts } from '../parts.ts';
import type { Look } from './look-at-workload.ts';
import { standsAgainst } from './stands-against.ts';

/** What came of a look: the change that was made, or why there is none. */
export interface Proposal {
  readonly change: string | null;
  readonly note: string | null;
  readonly isNew: boolean;
}

const noted = (note: string | null, change: string | null = null): Proposal => ({
  change,
  note,
  isNew: false,
});

/**
 * Makes a change of what a look allows, in mode propose: at most one open one for each workload, none on thin evidence,
 * none that would change nothing. Its observation is the key: the same one never makes two.
 */
export const proposeTuning = async (
  parts: Pick<Parts, 'context' | 'workloads'>,
  record: TunedWorkload,
  { observation, workload }: Look,
): Promise<Proposal> => {
  const { needs, signal } = parts.context;
  const { allowed, assessment, id } = observation;
  if (record.mode !== 'propose' || allowed.length === 0) return noted(null);
  if (!workload) return noted('the workload could not be read');
  if (!assessment.coverage_ok) return noted('there is too little evidence to change anything');
  const isThere = ({ knob, target }: (typeof allowed)[number]): boolean =>
    workload.state.knobs[knob] === target;
  if (allowed.every(isThere)) return noted('the workload has these values already');
  try {
    const against = await standsAgainst(parts, record.id, allowed);
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
