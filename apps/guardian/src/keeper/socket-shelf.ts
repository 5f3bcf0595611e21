import {
  BindError,
  bindListenHandle,
  type ListenHandle,
  type RawHandle,
} from '@holdfast/sdk/process';
import type { HeldSocket } from './protocol.ts';

/** The sockets of a stack, bound and never listened on: whoever gets a copy listens. */
export const createSocketShelf = () => {
  const sockets = new Map<string, ListenHandle>();
  const release = (name: string): void => {
    sockets.get(name)?.close();
    sockets.delete(name);
  };
  return {
    /** Binds unless it is held already at that place; returns the code of the system when it cannot. */
    hold({ name, address, port }: HeldSocket): ListenHandle | string {
      const before = sockets.get(name);
      if (before?.port === port && before.address === address) return before;
      try {
        const handle = bindListenHandle(address, port);
        release(name);
        sockets.set(name, handle);
        return handle;
      } catch (error) {
        if (error instanceof BindError) return error.code;
        throw error;
      }
    },
    /** Takes a socket that somebody else bound. */
    take({ name, address, port }: HeldSocket, raw: RawHandle): void {
      release(name);
      sockets.set(name, { address, port, raw, close: () => raw.close() });
    },
    get: (name: string): ListenHandle | undefined => sockets.get(name),
    release,
    list: (): HeldSocket[] =>
      [...sockets].map(([name, { address, port }]) => ({ name, address, port })),
  };
};
