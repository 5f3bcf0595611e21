import { carryThrough } from '@holdfast/client';
import { isTerminal, type Change } from '@holdfast/contracts';
import { worldRevision, type Action, type KubeObject } from '@holdfast/tuning';
import {
  endOf,
  untilDecided,
  untilEnded,
  type ChangeEnd,
  type FollowOptions,
} from './follow-change.ts';
import type { StackDoor } from './open-stack.ts';
import { refusalOf } from './refusal-of.ts';

/** A change as it was seen last, and what it came to. */
export interface HandedOver {
  readonly change: Change;
  readonly end: ChangeEnd;
}

export interface Tuning {
  /** Id of the workload in the stack. */
  readonly workload: string;
  readonly actions: readonly Action[];
  /** The object as it was verified and read here. */
  readonly before: KubeObject;
}

const OTHER_WORLD =
  'the stack planned for another state of the workload, or for another cluster, than was verified here';

/**
 * Follows a change that may be applied from now on to its end. That the stack falls silent does not end it any more, so it
 * is open then, and no refusal.
 */
const finish = async (
  door: StackDoor,
  change: Change,
  begin: () => Promise<Change>,
  options: FollowOptions,
): Promise<HandedOver> => {
  try {
    const last = await untilEnded(door, await begin(), options);
    return { change: last, end: endOf(last) };
  } catch (error) {
    const { reason, detail } = refusalOf(error);
    const words = `change ${change.id}: what became of it is not known: ${reason}: ${detail}`;
    return { change, end: { kind: 'open', detail: words } };
  }
};

const release = ({ governance }: StackDoor, { id }: Change): Promise<Change> =>
  carryThrough(
    () => governance.applyChange({ id }),
    async () => {
      const now = await governance.getChange({ id });
      return now.held && !isTerminal(now.state) ? undefined : now;
    },
  );

/**
 * Proposes a tuning on hold, and lets it go on only where the stack planned for the very object, in the very state, that
 * was verified here: its cluster need not be the one of this program. Until then nothing can be applied, whatever answer
 * is lost. A change that waits for people is let go on too: it is applied once they agree. Rejects with HoldfastError
 * where the stack does not take the change.
 */
export const handOver = async (
  door: StackDoor,
  { workload, actions, before }: Tuning,
  options: FollowOptions,
): Promise<HandedOver> => {
  const { governance } = door;
  const proposed = await governance.proposeChange(
    { kind: 'workload.tune', target: { workload }, intent: { actions }, hold: true },
    { idempotencyKey: crypto.randomUUID() },
  );
  const decided = await untilDecided(door, proposed, options);
  if (isTerminal(decided.state)) return { change: decided, end: endOf(decided) };
  if (options.signal?.aborted) {
    const change = await governance.cancelChange({ id: decided.id });
    return { change, end: { kind: 'stopped', detail: 'told to stop before it was applied' } };
  }
  if (decided.plan?.base.revision !== worldRevision(before)) {
    const change = await governance.cancelChange({ id: decided.id });
    return { change, end: { kind: 'refused', reason: 'plan_stale', detail: OTHER_WORLD } };
  }
  return finish(door, decided, () => release(door, decided), options);
};

/** Has the stack undo a change of its own. Rejects with HoldfastError where the stack does not. */
export const handBack = async (
  door: StackDoor,
  id: string,
  options: FollowOptions,
): Promise<HandedOver> => {
  const idempotencyKey = crypto.randomUUID();
  const undo = await carryThrough(
    () => door.governance.revertChange({ id }, { idempotencyKey }),
    async () => undefined,
  );
  return finish(door, undo, async () => undo, options);
};
