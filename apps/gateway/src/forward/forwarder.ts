import type { ServerResponse } from 'node:http';
import { HoldfastError, type Route } from '@holdfast/contracts';
import type { RequestHead } from '../http/request-head.ts';
import type { RequestTarget } from '../http/request-target.ts';
import type { Identity } from '../auth/identity.ts';
import { AnswerRelay, type RelayEnd } from './answer-relay.ts';
import type { KernelConnection } from './kernel-connections.ts';
import type { KernelDirectory } from './kernel-directory.ts';
import { firstByteLimit, type TimeLimits } from './time-limits.ts';

/** One call that passed every check of the gateway. */
export interface ForwardCall {
  readonly route: Route;
  readonly target: RequestTarget;
  readonly head: RequestHead;
  readonly traceparent: string;
  readonly identity: Identity;
  readonly body: Buffer | undefined;
  readonly headOnly: boolean;
}

export interface Forwarder {
  /** Answers the response, or calls `fail` when there is nothing to pass on. */
  forward(call: ForwardCall, response: ServerResponse, fail: (error: HoldfastError) => void): void;
  /** Cuts the streams that run: they have no end to wait for. */
  close(): void;
}

const STALE = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** Carrying it out twice is the same as once: reads, and creations that the kernel remembers by key. */
const mayRepeat = (call: ForwardCall): boolean =>
  call.route.op.method === 'GET' ||
  (call.route.op.idempotent === true && call.head.hasIdempotencyKey);

const toRefusal = (end: RelayEnd, kernel: string, timeout_ms: number): HoldfastError => {
  const cause = end.error;
  return cause?.code === 'UND_ERR_HEADERS_TIMEOUT'
    ? new HoldfastError('kernel_timeout', { kernel, timeout_ms }, { cause })
    : new HoldfastError('kernel_unavailable', { kernel }, { cause });
};

/**
 * Sends calls to kernels. A call that a kept connection lost before the first byte of an answer (the kernel was
 * restarted meanwhile) is sent once more on a fresh connection if that is safe. A kernel that dies in the middle of an
 * answer cuts the caller's connection: half an answer must not look like a whole one.
 */
export const createForwarder = (directory: KernelDirectory, limits: TimeLimits): Forwarder => {
  const streams = new Set<ServerResponse>();

  const send = (
    call: ForwardCall,
    response: ServerResponse,
    connection: KernelConnection,
    done: (end: RelayEnd) => void,
  ): void => {
    const { op } = call.route;
    const relay = new AnswerRelay(response, call.headOnly, (end) => {
      response.off('close', leave);
      if (!end.error) connection.answers += 1;
      done(end);
    });
    const leave = (): void => relay.leave();
    response.on('close', leave);
    connection.client.dispatch(
      {
        path: call.target.path + call.target.search,
        method: op.method,
        headers: [...call.identity.headers, 'traceparent', call.traceparent, ...call.head.forwarded],
        body: call.body ?? null,
        headersTimeout: firstByteLimit(limits, op),
        bodyTimeout: limits.betweenBytesMs,
      },
      relay,
    );
  };

  return {
    forward(call, response, fail) {
      const { kernel } = call.route.api;
      const connections = directory.connections(kernel);
      const connection = connections.acquire();
      if (call.route.op.stream) {
        streams.add(response);
        response.once('close', () => streams.delete(response));
      }
      const finish = (end: RelayEnd): void => {
        connections.release(connection);
        if (!end.error || response.writableEnded) return;
        if (response.headersSent) response.destroy();
        else if (!response.destroyed)
          fail(toRefusal(end, kernel, firstByteLimit(limits, call.route.op)));
      };
      const kept = connection.answers > 0;
      send(call, response, connection, (end) => {
        const lost = end.error !== undefined && end.status === 0 && STALE.has(end.error.code ?? '');
        if (!lost || !kept || !mayRepeat(call) || response.destroyed) return finish(end);
        // Not from within: the client is still putting its own affairs in order.
        setImmediate(() => send(call, response, connection, finish));
      });
    },
    close() {
      for (const response of streams) response.destroy();
    },
  };
};
