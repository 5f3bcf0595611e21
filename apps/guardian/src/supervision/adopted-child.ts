import type { FromChild } from '@holdfast/contracts';
import type { LineSocket, ProcessIdentity } from '@holdfast/sdk/process';
import { isSameProcess, terminate } from '@holdfast/sdk/process';
import type { Child } from './child-process.ts';
import type { Rejoiner } from './control-server.ts';

const LOOK_MS = 50;
/** It closed its socket and lives on: it is leaving, or hangs. */
const LEAVE_MS = 10_000;

export interface AdoptedChild {
  readonly child: Child;
  /** It connected, for the first time or again; answers what to do with what it says. */
  connect(line: LineSocket): Rejoiner;
}

/** A process that another guardian started: spoken to over a socket, watched and ended by pid and start time. */
export const createAdoptedChild = (identity: ProcessIdentity): AdoptedChild => {
  let line: LineSocket | undefined;
  let listener: (message: FromChild) => void = () => {};
  let ended = (_: string): void => {};
  const exited = new Promise<string>((resolve) => (ended = resolve));

  const awaitEnd = async (): Promise<void> => {
    const until = performance.now() + LEAVE_MS;
    while (await isSameProcess(identity)) {
      if (line !== undefined) return;
      if (performance.now() > until) {
        await terminate(identity, { graceMs: 0 });
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    ended('ended; it was started by an earlier guardian, so that how is not known');
  };

  return {
    child: {
      pid: identity.pid,
      identity: Promise.resolve(identity),
      exited,
      send: (message, handle) => {
        if (handle !== undefined) return Promise.reject(new Error('a socket cannot be sent there'));
        line?.send(message);
        return Promise.resolve();
      },
      onMessage: (next) => void (listener = next),
      kill: () => void terminate(identity, { graceMs: 0 }),
    },
    connect(next) {
      line = next;
      return {
        message: (message) => listener(message),
        closed() {
          if (line !== next) return;
          line = undefined;
          void awaitEnd();
        },
      };
    },
  };
};
