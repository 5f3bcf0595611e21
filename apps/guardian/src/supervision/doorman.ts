import { createServer, type Server, type Socket } from 'node:net';
import type { ListenHandle } from '@holdfast/sdk/process';
import type { Doorman } from './process-spec.ts';

export interface DoormanLimits {
  /** More do not wait at a time: the oldest is refused. Each costs a descriptor here. */
  readonly most: number;
  /** Longer than a start takes; a caller who went away is not seen before. */
  readonly longestMs: number;
}

const LIMITS: DoormanLimits = { most: 200, longestMs: 20_000 };

/**
 * Listens on a copy of the process's own socket. Connections are accepted without a byte being read, so that the process
 * gets them as they came.
 */
export const createDoorman = (
  copy: () => Promise<ListenHandle>,
  { most, longestMs } = LIMITS,
): Doorman => {
  let server: Server | undefined;
  let sockets: Socket[] = [];
  const forget = (socket: Socket): void => {
    sockets = sockets.filter((one) => one !== socket);
  };
  const refuse = (socket: Socket): void => {
    if (!sockets.includes(socket)) return;
    forget(socket);
    socket.destroy();
  };
  return {
    async open(knock) {
      const handle = await copy();
      const next = createServer({ pauseOnConnect: true }, (socket) => {
        sockets.push(socket);
        if (sockets.length > most) sockets.shift()?.destroy();
        socket.on('error', () => forget(socket));
        setTimeout(() => refuse(socket), longestMs).unref();
        knock();
      });
      await new Promise<void>((resolve, reject) => {
        next.once('error', reject);
        next.listen(handle.raw as never, resolve);
      });
      server = next;
    },
    close() {
      server?.close();
      server = undefined;
    },
    take() {
      const taken = sockets;
      sockets = [];
      return taken.filter((socket) => !socket.destroyed);
    },
    waiting: () => sockets.length,
  };
};
