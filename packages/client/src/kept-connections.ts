import { Agent, type AgentOptions } from 'node:http';
import type { Socket } from 'node:net';

/** How long after `letGo` connections to that port are used once only: by then its next process serves. */
const SHORT_LIVED_MS = 5_000;

const keepsToPort = (name: string, port: number): boolean => name.includes(`:${port}:`);

/**
 * Keeps connections for later calls, and lets go of those to one port when the process behind it is about to be
 * replaced: a kept connection would still lead to the old one.
 */
export class KeptConnections extends Agent {
  readonly #leaving = new WeakSet<Socket>();
  readonly #shortLivedUntil = new Map<number, number>();

  constructor(options: AgentOptions = {}) {
    super({ keepAlive: true, maxSockets: 64, scheduling: 'lifo', ...options });
  }

  /** Closes the idle connections to the port now and the busy ones after their answer. Nothing is kept for a while. */
  letGo(port: number): void {
    this.#shortLivedUntil.set(port, performance.now() + SHORT_LIVED_MS);
    const socketsOf = (all: NodeJS.ReadOnlyDict<Socket[]>): Socket[] =>
      Object.entries(all).flatMap(([name, sockets]) =>
        keepsToPort(name, port) ? [...(sockets ?? [])] : [],
      );
    for (const socket of socketsOf(this.sockets)) this.#leaving.add(socket);
    for (const socket of socketsOf(this.freeSockets)) socket.destroy();
  }

  /** Node asks this when an answer is complete; false closes the connection. */
  override keepSocketAlive(socket: Socket): boolean {
    const { remotePort = 0 } = socket;
    const until = this.#shortLivedUntil.get(remotePort);
    if (until !== undefined && performance.now() >= until) this.#shortLivedUntil.delete(remotePort);
    if (this.#leaving.has(socket) || this.#shortLivedUntil.has(remotePort)) return false;
    return super.keepSocketAlive(socket) as unknown as boolean;
  }
}
