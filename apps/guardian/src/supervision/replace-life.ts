import type { ProcessLife } from './process-life.ts';

export interface Replacement {
  readonly old: ProcessLife;
  /** Started, and not told anything yet. */
  readonly next: ProcessLife;
  /** Both may serve at a time. */
  readonly overlaps: boolean;
  /** The life that counts now. */
  current(): ProcessLife | undefined;
  isStopping(): boolean;
  /** Its end is no failure while this is on. */
  expectEnd(on: boolean): void;
  /** Starts one without a replacement, because the new one is gone already. */
  again(): ProcessLife | undefined;
  /** From now on the new one counts. */
  becomes(next: ProcessLife): void;
  /** Callers close their kept connections to it. */
  letGo(): Promise<void>;
}

const cameUp = async (life: ProcessLife): Promise<number> => {
  const problem = await life.started;
  if (problem !== undefined) throw new Error(problem);
  return life.child.pid ?? 0;
};

const isOver = (life: ProcessLife): Promise<boolean> =>
  Promise.race([
    life.ended.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);

const giveUp = (next: ProcessLife, why: string): never => {
  next.end({ mode: 'process_crashed', why });
  throw new Error(why);
};

/** The new one serves beside the old one before that one leaves. */
const beside = async (parts: Replacement): Promise<number> => {
  const { next } = parts;
  next.begin(Promise.resolve());
  const pid = await cameUp(next);
  if (parts.isStopping()) return giveUp(next, 'the stack is being stopped');
  const before = parts.current();
  parts.becomes(next);
  void before?.leave();
  return pid;
};

/** The old one leaves before the new one is told to start: they share a store. Callers wait meanwhile. */
const inTurn = async (parts: Replacement): Promise<number> => {
  const { old, next } = parts;
  parts.expectEnd(true);
  try {
    await parts.letGo();
    await old.leave();
  } finally {
    parts.expectEnd(false);
  }
  if (parts.isStopping()) return giveUp(next, 'the stack is being stopped');
  if (await isOver(next)) {
    const other = parts.again();
    if (other === undefined) throw new Error('the new process ended before it was needed');
    return cameUp(other);
  }
  parts.becomes(next);
  next.begin(Promise.resolve());
  return cameUp(next);
};

/**
 * Puts a new process in the place of a healthy one without losing what that one works on. A new one whose program does
 * not even load changes nothing. Resolves with its pid when it is healthy; rejects with why it is not.
 */
export const replaceLife = async (parts: Replacement): Promise<number> => {
  const { old, next, overlaps } = parts;
  if (!(await next.loaded())) throw new Error((await next.ended).why);
  if (parts.isStopping()) return giveUp(next, 'the stack is being stopped');
  if (parts.current() !== old) return giveUp(next, 'the process to be replaced ended meanwhile');
  return overlaps ? beside(parts) : inTurn(parts);
};
