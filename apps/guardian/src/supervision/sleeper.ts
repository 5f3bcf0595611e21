import type { ProcessLife } from './process-life.ts';
import type { ProcessSpec } from './process-spec.ts';

/** The sleep of a process that is started by its first connection. Does nothing for one that is not. */
export interface Sleeper {
  readonly canSleep: boolean;
  /** It was told to leave because it was idle, or has left. */
  readonly asleep: boolean;
  isDue(idleMs: number): boolean;
  /** Listens in its place; `wake` is called at the first connection. Rejects when that is impossible. */
  fallAsleep(wake: () => void): Promise<void>;
  /** Somebody came while it fell asleep. */
  isWanted(): boolean;
  wakeUp(): void;
  /** Gives it the connections that came meanwhile. */
  handOver(life: ProcessLife): void;
  /** Those who wait are refused: it does not come up. */
  refuseWaiting(): void;
  /** Accepts nobody more; who comes waits in the backlog of the socket. */
  stopListening(): void;
  /** Nobody is served any more. */
  close(): void;
}

export const createSleeper = ({ onDemand }: ProcessSpec): Sleeper => {
  let asleep = false;
  const refuseWaiting = (): void => {
    for (const socket of onDemand?.doorman.take() ?? []) socket.destroy();
  };
  return {
    canSleep: onDemand !== undefined,
    get asleep() {
      return asleep;
    },
    isDue: (idleMs) => onDemand !== undefined && !asleep && idleMs >= onDemand.idleMs,
    async fallAsleep(wake) {
      asleep = true;
      try {
        await onDemand?.doorman.open(wake);
      } catch (error) {
        asleep = false;
        throw error;
      }
    },
    isWanted: () => (onDemand?.doorman.waiting() ?? 0) > 0,
    wakeUp: () => void (asleep = false),
    handOver(life) {
      if (asleep) return;
      onDemand?.doorman.close();
      for (const socket of onDemand?.doorman.take() ?? []) life.give(socket);
    },
    refuseWaiting,
    stopListening: () => onDemand?.doorman.close(),
    close() {
      onDemand?.doorman.close();
      refuseWaiting();
    },
  };
};
