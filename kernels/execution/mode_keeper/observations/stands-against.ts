import { isTerminal, type Change } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import { isRecord } from '@holdfast/tuning';
import type { Parts } from '../parts.ts';
import { findChange } from '../workloads/open-change.ts';

/** Until what came to nothing, or was taken back, is proposed again. */
const AGAIN_MS = 3_600_000;

interface Aim {
  readonly knob: string;
  readonly target: unknown;
}

const sameOf = (aims: readonly Aim[]): string =>
  canonicalize(Object.fromEntries(aims.map(({ knob, target }) => [knob, String(target)])));

/** What a change was to set, by whomever it was proposed. */
const aimsOf = ({ intent }: Pick<Change, 'intent'>): Aim[] => {
  const { actions, knobs } = intent;
  if (Array.isArray(actions)) return actions as Aim[];
  return Object.entries(isRecord(knobs) ? knobs : {}).map(([knob, target]) => ({ knob, target }));
};

/** When a change came to nothing or was taken back, whichever was last (ms); undefined where it stands. */
const failedAtMs = (change: Change, undo: Change | undefined): number | undefined => {
  const ends = [
    ...(change.state === 'done' ? [] : [change]),
    ...(undo?.state === 'done' ? [undo] : []),
  ].map(({ finished_at, updated_at }) => Date.parse(finished_at ?? updated_at));
  return ends.length === 0 ? undefined : Math.max(...ends);
};

/**
 * Why the changes of a workload stand against these actions now; undefined where none does. Any that is open does, and
 * for an hour one that aimed at the same and came to nothing or was taken back, by itself or by somebody.
 */
export const standsAgainst = async (
  { context, workloads }: Pick<Parts, 'context' | 'workloads'>,
  workload: string,
  actions: readonly Aim[],
): Promise<string | undefined> => {
  const nowMs = context.clock.now();
  for (const id of await workloads.recentChanges(workload)) {
    const change = await findChange(context, id);
    if (!change) continue;
    if (!isTerminal(change.state)) return `change ${id} is still open`;
    const { reverted_by } = change;
    const undo = reverted_by === null ? undefined : await findChange(context, reverted_by);
    if (undo && !isTerminal(undo.state))
      return `change ${undo.id}, the undo of ${id}, is still open`;
    if (sameOf(aimsOf(change)) !== sameOf(actions)) continue;
    const atMs = failedAtMs(change, undo);
    if (atMs === undefined || nowMs - atMs >= AGAIN_MS) continue;
    const state = undo?.state === 'done' ? 'reverted' : change.state;
    return `change ${id}, which was the same, is ${state}: it is proposed again after an hour`;
  }
  return undefined;
};
