import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { HoldfastError, type Api } from '@holdfast/contracts';
import { endWithRefusal } from '../http/refusal.ts';
import type { RequestTarget } from '../http/request-target.ts';
import type { KernelDirectory } from './kernel-directory.ts';
import type { TimeLimits } from './time-limits.ts';

export interface UpgradeCall {
  readonly api: Api;
  readonly target: RequestTarget;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** What the caller sent after its request head. */
  readonly early: Buffer;
  /** Header lines for the kernel to trust, each with its CR LF. */
  readonly headerText: string;
}

export interface UpgradeSplicer {
  /** Throws what KernelDirectory.port throws; later failures are answered on the socket. */
  splice(call: UpgradeCall): void;
  /** Cuts all connections that were passed through. */
  close(): void;
}

/** The fields of a WebSocket handshake (RFC 6455 section 4.1); nothing else of the caller reaches the kernel. */
const PASSED = [
  'host',
  'origin',
  'user-agent',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
] as const;

const SWITCHING = 'HTTP/1.1 101 ';

const handshake = (call: UpgradeCall): string => {
  const lines = [`GET ${call.target.path}${call.target.search} HTTP/1.1`];
  for (const name of PASSED) {
    const value = call.request.headers[name];
    if (value !== undefined) lines.push(`${name}: ${String(value)}`);
  }
  lines.push('connection: Upgrade', 'upgrade: websocket');
  return `${lines.join('\r\n')}\r\n${call.headerText}\r\n`;
};

/**
 * Whether the kernel now speaks WebSocket (RFC 9110 section 15.2.2). Kernels write their status line in one piece. After
 * any other answer it still reads HTTP, and what the caller sends would be requests that nobody checked.
 */
const isSwitching = (first: Buffer): boolean => first.toString('latin1', 0, 13) === SWITCHING;

/** Passes WebSocket connections through as bytes, after a handshake written anew from what is known to be safe. */
export const createUpgradeSplicer = (
  directory: KernelDirectory,
  limits: TimeLimits,
): UpgradeSplicer => {
  const open = new Set<Socket>();
  return {
    splice({ socket, api, ...rest }) {
      const kernel = connect({
        host: '127.0.0.1',
        port: directory.port(api.kernel),
        noDelay: true,
      });
      let answered = false;
      const refuse = (): void => {
        kernel.destroy();
        if (answered) socket.destroySoon();
        else
          endWithRefusal(socket, new HoldfastError('kernel_unavailable', { kernel: api.kernel }));
        answered = true;
      };
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        open.delete(socket);
        kernel.destroy();
      });
      kernel.setTimeout(limits.firstByteMs, refuse);
      kernel.on('error', refuse).once('close', refuse);
      kernel.write(handshake({ socket, api, ...rest }), 'latin1');
      kernel.once('data', (first: Buffer) => {
        answered = true;
        socket.write(first);
        kernel.pipe(socket);
        if (!isSwitching(first)) return;
        kernel.setTimeout(0);
        kernel.write(rest.early);
        socket.pipe(kernel);
      });
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
};
