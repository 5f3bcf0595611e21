import { createServer, type Server, type Socket } from 'node:net';
import type { ListenHandle } from '@holdfast/sdk/process';
import type { Doorman } from './process-spec.ts';

/**
 * Listens on a copy of the process's own socket. Connections are accepted without a byte being read, so that the process
 * gets them as they came.
 */
export const createDoorman = (copy: () => Promise<ListenHandle>): Doorman => {
  let server: Server | undefined;
  let sockets: Socket[] = [];
  const forget = (socket: Socket): void => {
    sockets = sockets.filter((one) => one !== socket);
  };
  return {
    async open(knock) {
      const handle = await copy();
      const next = createServer({ pauseOnConnect: true }, (socket) => {
        sockets.push(socket);
        socket.on('error', () => forget(socket));
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
