import { HoldfastError, isTerminal, type ChangeState } from '@holdfast/contracts';

const STOPPED: readonly ChangeState[] = ['rejected', 'cancelled', 'expired'];

/** Every legal move of a change. A state without moves is terminal. */
export const TRANSITIONS: Readonly<Record<ChangeState, readonly ChangeState[]>> = {
  proposed: ['planned', 'blocked', 'failed', ...STOPPED],
  planned: ['verified', 'blocked', 'failed', ...STOPPED],
  // Back to planned: the world moved since the plan was made, so it is made again.
  verified: ['planned', 'waiting', 'approved', 'blocked', 'failed', ...STOPPED],
  waiting: ['approved', 'blocked', 'failed', ...STOPPED],
  approved: ['applying', 'blocked', 'failed', ...STOPPED],
  applying: ['watching', 'failed', 'reverting'],
  watching: ['done', 'failed', 'reverting'],
  reverting: ['reverted', 'failed'],
  done: [],
  blocked: [],
  rejected: [],
  expired: [],
  cancelled: [],
  failed: [],
  reverted: [],
};

export const canTransition = (from: ChangeState, to: ChangeState): boolean =>
  TRANSITIONS[from].includes(to);

/** Whether the change can still be taken back without undoing anything: nothing of it was started. */
export const isStoppable = (state: ChangeState): boolean => canTransition(state, 'cancelled');

/** Refuses an illegal move (`change_state`); `verb` says in a word what was tried. */
export const assertTransition = (
  id: string,
  from: ChangeState,
  to: ChangeState,
  verb: string,
): void => {
  if (isTerminal(from) || !canTransition(from, to)) {
    throw new HoldfastError('change_state', { id, state: from, verb });
  }
};
