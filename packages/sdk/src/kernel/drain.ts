import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Traffic } from './activity.ts';

/** A caller on a kept connection finds out by its next answer, which may be on its way. */
const GRACE_MS = 100;
/** Then what still runs is cut. */
export const CAP_MS = 3_000;
const LOOK_MS = 10;

/** The look comes after the event loop has read what had arrived by then: a request unread is not mistaken for silence. */
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(() => setImmediate(resolve), LOOK_MS);
  });

/**
 * Node's own close of an HTTP server first hangs up on every kept connection, on which a request may just be arriving.
 * Closing it as a plain TCP server only stops accepting: callers who come now reach another process on the same socket.
 */
const stopAccepting = (server: Server): void => void NetServer.prototype.close.call(server);

/**
 * Ends a server without losing a request. What arrives on kept connections is answered and told to be the last; a
 * connection is closed once nothing ran or came on it for 100 ms. Resolves when none is left, at the latest after 3 s;
 * upgraded connections are left to their owner.
 */
export const drainServer = async (server: Server, traffic: Traffic): Promise<void> => {
  const startedAt = performance.now();
  if (server.listening) stopAccepting(server);
  traffic.endConnections();
  while (traffic.connections.size > 0) {
    await pause();
    const now = performance.now();
    const isLate = now - startedAt >= CAP_MS;
    for (const [socket, { running, since, bytesRead }] of traffic.connections) {
      const isIdle = running === 0 && socket.bytesRead === bytesRead;
      if (isLate || (isIdle && now - Math.max(since, startedAt) >= GRACE_MS)) socket.destroy();
    }
    if (isLate) return;
  }
};
