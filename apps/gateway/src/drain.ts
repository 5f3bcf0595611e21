import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface DrainOptions {
  readonly server: HttpServer;
  /** Tells callers on kept connections to leave: see Traffic.endConnections. */
  endConnections(): void;
  /** Whether nothing is being answered that has an end. */
  isIdle(): boolean;
  /** Cuts what has no end of its own: streams, passed-through connections, those that nobody ever used. */
  cutEndless(): void;
}

/** Callers on kept connections find out by their next answer; at least so long one may be on its way. */
const LEAST_GRACE_MS = 100;
const GRACE_MS = 2_000;
/** Then answers that take long, until the guardian's patience ends. */
const REST_MS = 2_000;
const LOOK_MS = 20;

/**
 * Node's own close hangs up on every kept connection first, on which a request may just be arriving. Closing as a plain
 * TCP server does only stops accepting: with a shared socket the next callers reach the other processes.
 */
const stopAccepting = (server: HttpServer): Promise<void> =>
  new Promise((resolve) => {
    Server.prototype.close.call(server, () => resolve());
  });

/**
 * Ends a server without losing a request: what arrives on kept connections is answered and told to be the last, until
 * all are idle or the grace is over; only then idle connections are closed. Resolves within four seconds.
 */
export const drain = async (options: DrainOptions): Promise<void> => {
  const { server } = options;
  const startedAt = performance.now();
  const past = (): number => performance.now() - startedAt;
  const closed = stopAccepting(server);
  options.endConnections();
  do await delay(LOOK_MS);
  while (past() < LEAST_GRACE_MS || (!options.isIdle() && past() < GRACE_MS));
  options.cutEndless();
  server.closeIdleConnections();
  // An answer that had begun before the end still promised to keep its connection.
  const sweep = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  const cut = setTimeout(() => server.closeAllConnections(), REST_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
};
