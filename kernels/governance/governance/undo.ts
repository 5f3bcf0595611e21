import { invertPlan } from '@holdfast/change';
import { HoldfastError, isTerminal, type Change, type DraftPlan } from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import { insertChange } from './change-rows.ts';
import type { Alongside } from './change-store.ts';
import type { Parts } from './context.ts';
import { applyMove } from './move.ts';
import { bear, propose } from './propose.ts';

/** The draft that undoes a change in the world as it is at `base`. Throws revert_impossible. */
export const undoDraft = (change: Change, base: DraftPlan['base']): DraftPlan => {
  if (change.plan === null) {
    const detail = 'it was never planned';
    throw new HoldfastError('revert_impossible', { id: change.id, detail });
  }
  return invertPlan(change.plan, change.steps, base);
};

/** Throws when a change cannot be undone whatever the world looks like. */
export const checkUndoable = (change: Change): void => {
  undoDraft(change, { revision: '', observed_at: change.updated_at });
};

const checkRevertible = async (parts: Parts, change: Change): Promise<void> => {
  const { id, state } = change;
  if (state !== 'done' && state !== 'failed')
    throw new HoldfastError('change_state', { id, state, verb: 'undone' });
  checkUndoable(change);
  if (change.reverted_by === null) return;
  const undo = await parts.changes.load(change.reverted_by);
  if (undo.change.state === 'done') {
    const detail = `change ${undo.change.id} has undone it`;
    throw new HoldfastError('revert_impossible', { id, detail });
  }
};

/** Links a finished change to its undo in the write that creates the undo. */
const link = async (parts: Parts, id: string, undo: ChangeRecord): Promise<Alongside> => {
  if (isTerminal(undo.change.state)) return {};
  const original = await parts.changes.load(id);
  await checkRevertible(parts, original.change);
  const move = { actor: ENGINE, patch: { reverted_by: undo.change.id } };
  return { others: [applyMove(original, move, parts.context.clock.iso()).record] };
};

/** Proposes the inverse of a finished or half-applied change as a new change, on behalf of the caller. */
export const proposeUndo = async (parts: Parts, id: string, call: Call): Promise<Change> => {
  const op = 'revertChange';
  const request = { id };
  const before = await parts.idempotency.replay<Change>(call, op, request);
  if (before) return before;
  const { change, notes } = await parts.changes.load(id);
  await checkRevertible(parts, change);
  const { target } = change;
  const { asked_host } = notes;
  const proposal = {
    op,
    request,
    kind: 'revert',
    target,
    intent: {},
    asked_host,
    reverts: id,
  } as const;
  return propose(parts, proposal, call, (born) => link(parts, id, born));
};

/**
 * Creates the undo that a failed change demands, in its author's name, and hands it the host: one write. The undo is
 * part of what was approved, because the plan's hash covers every inverse.
 */
export const startUndo = async (parts: Parts, original: ChangeRecord): Promise<void> => {
  const { id, target, proposed_by } = original.change;
  const { record, events } = bear(parts.context, {
    kind: 'revert',
    target,
    intent: {},
    proposed_by,
    reverts: id,
    notes: {
      automatic: true,
      asked_host: original.notes.asked_host,
      author: original.notes.author,
      author_makers: original.notes.author_makers,
    },
    actor: ENGINE,
  });
  const patch = { reverted_by: record.change.id };
  await parts.changes.commit(
    original,
    { actor: ENGINE, patch, notes: { handed_over: true } },
    { statements: [insertChange(record)], events },
  );
  parts.kick(record.change.id);
};
