import type { ChildProcess } from 'node:child_process';
import * as net from 'node:net';
import { getSystemErrorName } from 'node:util';

/** A bound TCP socket outside any server: what `child.send` takes and what `server.listen` of the child accepts. */
export interface RawHandle {
  close(): void;
  getsockname(out: { port?: number }): number;
}

export interface ListenHandle {
  readonly address: string;
  readonly port: number;
  readonly raw: RawHandle;
  close(): void;
}

/** Why a port could not be bound: `code` is the operating system's, EADDRINUSE when someone has it. */
export class BindError extends Error {
  readonly code: string;
  readonly port: number;

  constructor(code: string, address: string, port: number) {
    super(`binding ${address} port ${port}: ${code}`);
    this.name = 'BindError';
    this.code = code;
    this.port = port;
  }
}

type CreateHandle = (address: string, port: number, type: 4 | 6) => RawHandle | number;
const createHandle = (net as unknown as { _createServerHandle: CreateHandle })._createServerHandle;

/**
 * Binds without listening, so that another process can be given the socket and this one keeps it open when that
 * process dies: once it has listened, callers wait in the backlog instead of being refused. The public API of Node
 * only offers bind and listen together, and a parent that listens also accepts. This is the only place that touches
 * the private call. Port 0 takes any free port. Throws BindError.
 */
export const bindListenHandle = (address: string, port: number): ListenHandle => {
  const created = createHandle(address, port, net.isIPv6(address) ? 6 : 4);
  if (typeof created === 'number') {
    throw new BindError(getSystemErrorName(created), address, port);
  }
  // libuv keeps EADDRINUSE of bind back until the socket is used: asking for its name brings it out.
  const name: { port?: number } = {};
  const status = created.getsockname(name);
  if (status !== 0 || name.port === undefined) {
    created.close();
    throw new BindError(status === 0 ? 'EINVAL' : getSystemErrorName(status), address, port);
  }
  return { address, port: name.port, raw: created, close: () => created.close() };
};

/** Sends a message with the socket; resolves when the channel took it, rejects when the child is away. */
export const sendHandle = (
  child: ChildProcess,
  message: object,
  handle: ListenHandle | undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
    child.send(message, handle?.raw as never, done);
  });
