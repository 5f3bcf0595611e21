import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Activity } from '@holdfast/sdk';
import { answerOn } from './answering-socket.ts';

/** The requests that are being answered. */
export interface Traffic {
  /** Takes note of a request until its answer ended. */
  begin(path: string, response: ServerResponse): void;
  running(): number;
  /** From now on every connection is told to end with its answer; so are those whose answer has not begun. */
  endConnections(): void;
  /** Closes connections on which nothing was ever sent: Node counts them as busy. */
  cutSilent(): void;
  /** Probes of health are no use that anyone makes of the stack, and not counted. */
  activity(): Activity;
}

const PROBES = new Set(['/health', '/healthz', '/api/health', '/api/healthz']);

/**
 * Requests are counted and not collected: a collection that each of them enters and leaves keeps them alive well beyond
 * their end, by the tables that it grew out of, and the garbage collector busy.
 */
export const createTraffic = (server: Server): Traffic => {
  const sockets = new Set<Socket>();
  let running = 0;
  let requests = 0;
  let lastAt = performance.now();
  let ending = false;
  /** Node then writes `connection: close` and closes when the answer is out. */
  const endConnection = (response: ServerResponse | undefined): void => {
    if (response?.headersSent === false) response.shouldKeepAlive = false;
  };
  const over = (): void => {
    running -= 1;
    lastAt = performance.now();
  };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    begin(path, response) {
      if (!PROBES.has(path)) requests += 1;
      running += 1;
      if (ending) endConnection(response);
      response.on('close', over);
    },
    running: () => running,
    endConnections() {
      ending = true;
      for (const socket of sockets) endConnection(answerOn(socket));
    },
    cutSilent() {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
    activity: () => ({ idleMs: running > 0 ? 0 : performance.now() - lastAt, requests }),
  };
};
