import { patient } from '@holdfast/client';
import { isTerminal, type Change } from '@holdfast/contracts';
import type { StackDoor } from './open-stack.ts';
import type { Refusal } from '../apply/route.ts';
import { refusalOfChange } from './refusal-of.ts';

/** How long one call waits for news of a change, and how long a change is waited for at all. */
const WAIT_MS = 20_000;
const MOST_MS = 1_500_000;

/** What became of a change. `open`: it goes on, and is not waited for any more; `stopped`: it was taken back by who waited. */
export type ChangeEnd =
  | { readonly kind: 'applied' }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'open'; readonly detail: string }
  | { readonly kind: 'stopped'; readonly detail: string };

export interface FollowOptions {
  /** Ends the waiting, not the change. */
  readonly signal?: AbortSignal;
}

/** The wait was ended by who waits. */
class WaitEnded extends Error {}

/** News of a change, or what is known of it where the wait is ended. */
const newsOf = async (
  { governance }: StackDoor,
  known: Change,
  how: { readonly after_version?: number; readonly until?: 'end' },
  signal: AbortSignal | undefined,
): Promise<Change> => {
  const { id } = known;
  try {
    return await patient(() => {
      if (signal?.aborted) throw new WaitEnded();
      return governance.getChange({ id, ...how, wait_ms: WAIT_MS }, { signal });
    });
  } catch (error) {
    if (error instanceof WaitEnded) return known;
    throw error;
  }
};

/** Allowed, and applied only once somebody asks for it. */
const isOnHold = ({ state, held }: Change): boolean => state === 'approved' && held;

const isDecided = (change: Change): boolean =>
  isTerminal(change.state) || change.state === 'waiting' || isOnHold(change);

/** Waits until the gate has spoken: the change is over, waits for people, or is on hold and allowed. */
export const untilDecided = async (
  door: StackDoor,
  first: Change,
  { signal }: FollowOptions,
): Promise<Change> => {
  let change = first;
  while (!isDecided(change) && !signal?.aborted)
    change = await newsOf(door, change, { after_version: change.version }, signal);
  return change;
};

const hasBegun = ({ steps }: Change): boolean => steps.some(({ state }) => state !== 'pending');

const isThereAlready = ({ reasons }: Change): boolean =>
  reasons.some(({ code }) => code === 'nothing_to_do');

/** What the state of a change that is over, or waits for people, means for an apply. */
export const endOf = (change: Change): ChangeEnd => {
  const { id, state, reverted_by } = change;
  if (state === 'done' || isThereAlready(change)) return { kind: 'applied' };
  const refusal = refusalOfChange(change);
  const undone = state === 'reverted' || reverted_by !== null;
  if (!undone && !hasBegun(change) && (isTerminal(state) || state === 'waiting'))
    return { kind: 'refused', ...refusal };
  if (!isTerminal(state))
    return { kind: 'open', detail: `change ${id} is still ${state}: it goes on in the stack` };
  const undo = reverted_by === null ? '' : `, undone by ${reverted_by}`;
  return { kind: 'failed', detail: `${refusal.reason}: ${refusal.detail}${undo}` };
};

/** Waits for the end of a change that may be applied. Who waits for people is not waited for. */
export const untilEnded = async (
  door: StackDoor,
  first: Change,
  { signal }: FollowOptions,
): Promise<Change> => {
  const deadline = performance.now() + MOST_MS;
  let change = first;
  while (!isTerminal(change.state) && change.state !== 'waiting' && !signal?.aborted) {
    if (performance.now() > deadline) return change;
    change = await newsOf(door, change, { until: 'end' }, signal);
  }
  return change;
};
