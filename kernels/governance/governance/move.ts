import { assertTransition, standing } from '@holdfast/change';
import { isTerminal, type Change, type ChangeState } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { ChangeRecord, Notes } from './change-record.ts';
import { announceUpdate, transitionEvent } from './change-events.ts';

/**
 * One durable step of a change's life. With `to` it is a transition, announced by exactly one event; without, only
 * the record changes. `reasons` default to the words for the new state. `data` is added to the event.
 */
export interface Move {
  readonly actor: string;
  readonly to?: ChangeState;
  readonly patch?: Partial<Change>;
  readonly notes?: Partial<Notes>;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Events beside that of the transition. */
  readonly events?: readonly EventDraft[];
}

export interface Moved {
  readonly record: ChangeRecord;
  readonly events: EventDraft[];
}

const calm = { failures: 0, failing_since: null };

/** Applies a move to a record. Throws change_state when the transition is not legal. */
export const applyMove = (before: ChangeRecord, move: Move, at: string): Moved => {
  const { to } = move;
  const from = before.change.state;
  if (to !== undefined) assertTransition(before.change.id, from, to, `moved to ${to}`);
  const state = to ?? from;
  const bare: Change = {
    ...before.change,
    ...move.patch,
    state,
    version: before.change.version + 1,
    updated_at: at,
    finished_at: isTerminal(state) ? at : null,
  };
  const change: Change =
    to === undefined || move.patch?.reasons ? bare : { ...bare, reasons: [standing(bare)] };
  const notes: Notes = { ...before.notes, ...(to === undefined ? {} : calm), ...move.notes };
  const own =
    to === undefined
      ? []
      : [transitionEvent(change, from, move.actor, move.data), ...announceUpdate(change, to)];
  return { record: { change, notes }, events: [...own, ...(move.events ?? [])] };
};
