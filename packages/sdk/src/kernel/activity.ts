import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isLineUpgrade } from '../line/line-server.ts';
import type { Activity } from './child-channel.ts';

/** What goes over the connections of a server. */
export interface Traffic {
  /** Without those that only look after the process; `busy` tells whether it has work of its own. */
  activity(busy: () => boolean): Activity;
  /** A call came that is no request of its own; what it answers is called when the call is over. */
  beginCall(): () => void;
  /** Tells callers on kept connections to leave: each gets `connection: close` with its next answer. */
  endConnections(): void;
  /** Open connections that a request may come on or is being answered on; those that were upgraded are not among them. */
  readonly connections: ReadonlyMap<Socket, Connection>;
}

export interface Connection {
  running: number;
  /** When it was accepted or its last answer ended, by `performance.now()`. */
  since: number;
  /** How much had been read by then. */
  bytesRead: number;
}

const UPKEEP = new Set(['/health', '/ready', '/metrics']);

const isUpkeep = ({ url = '' }: IncomingMessage): boolean => UPKEEP.has(url.split('?', 1)[0]!);

/** Watches a server from before it serves. Its answers say `connection: close` where this was decided before their head. */
export const watchTraffic = (server: Server): Traffic => {
  const connections = new Map<Socket, Connection>();
  const answering = new Set<ServerResponse>();
  let working = 0;
  let upgraded = 0;
  let requests = 0;
  let ending = false;
  let lastWork = performance.now();

  const begin = (): void => {
    working += 1;
    requests += 1;
  };
  const end = (): void => {
    working -= 1;
    lastWork = performance.now();
  };

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { running: 0, since: performance.now(), bytesRead: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    const connection = connections.get(socket);
    const counts = !isUpkeep(request);
    if (ending) response.shouldKeepAlive = false;
    if (connection !== undefined) connection.running += 1;
    if (counts) begin();
    answering.add(response);
    response.once('close', () => {
      answering.delete(response);
      if (counts) end();
      if (connection === undefined) return;
      connection.running -= 1;
      connection.since = performance.now();
      connection.bytesRead = socket.bytesRead;
    });
  });
  server.prependListener('upgrade', (request: IncomingMessage, socket: Socket) => {
    connections.delete(socket);
    // Its calls are counted, not that it is there.
    if (isLineUpgrade(request)) return;
    upgraded += 1;
    requests += 1;
    socket.once('close', () => {
      upgraded -= 1;
      lastWork = performance.now();
    });
  });

  return {
    connections,
    beginCall() {
      begin();
      return end;
    },
    activity(busy) {
      const now = performance.now();
      if (working > 0 || upgraded > 0 || busy()) lastWork = now;
      return { idleMs: now - lastWork, requests };
    },
    endConnections() {
      ending = true;
      for (const response of answering) response.shouldKeepAlive = false;
    },
  };
};
