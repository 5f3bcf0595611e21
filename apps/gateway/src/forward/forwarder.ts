import type { ServerResponse } from 'node:http';
import { HoldfastError, isHoldfastError, type Route } from '@holdfast/contracts';
import type { Identity } from '../auth/identity.ts';
import type { RequestHead } from '../http/request-head.ts';
import type { RequestTarget } from '../http/request-target.ts';
import { AnswerRelay } from './answer-relay.ts';
import { AnswerTimeout, KernelDown } from './kernel-connection.ts';
import type { KernelDirectory } from './kernel-directory.ts';
import { createCallTimes, type TimeLimits } from './time-limits.ts';

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
  /** Answers the response, or calls `fail` when there is nothing to pass on. Throws what KernelDirectory throws. */
  forward(call: ForwardCall, response: ServerResponse, fail: (error: HoldfastError) => void): void;
  /** How many streams run: they have no end to wait for. */
  streams(): number;
  /** Cuts them. */
  close(): void;
}

/** Carrying it out twice is the same as once: reads, and creations that the kernel remembers by key. */
const mayRepeat = ({ route, head }: ForwardCall): boolean =>
  route.op.method === 'GET' || (route.op.idempotent === true && head.hasIdempotencyKey);

/** Every part of it was checked before: the target by parseTarget, the fields by Node's strict parser. */
const requestText = (call: ForwardCall): string => {
  const { target, identity, head, body, route } = call;
  let text = `${route.op.method} ${target.path}${target.search} HTTP/1.1\r\nhost: kernel\r\n${identity.headerText}`;
  text += `traceparent: ${call.traceparent}\r\n${head.forwarded}`;
  return route.op.method === 'GET'
    ? `${text}\r\n`
    : `${text}content-length: ${body?.length ?? 0}\r\n\r\n`;
};

/**
 * Sends calls to kernels. A call that a dying kernel lost before the first byte of its answer is sent once more on a
 * fresh connection, where it waits for the next process on the same socket, if that is safe: the kernel may have carried
 * it out.
 */
export const createForwarder = (directory: KernelDirectory, limits: TimeLimits): Forwarder => {
  const timesOf = createCallTimes(limits);
  const streams = new Set<ServerResponse>();

  const send = (
    call: ForwardCall,
    response: ServerResponse,
    fail: (error: HoldfastError) => void,
    again: boolean,
  ): void => {
    const { kernel } = call.route.api;
    const times = timesOf(call.route.op);
    const connection = directory.connections(kernel).acquire(again);
    const relay = new AnswerRelay(response, call.headOnly, connection, (cause) => {
      if (cause instanceof AnswerTimeout)
        fail(new HoldfastError('kernel_timeout', { kernel, timeout_ms: times.firstByteMs }));
      else if (again || cause instanceof KernelDown || !mayRepeat(call))
        fail(new HoldfastError('kernel_unavailable', { kernel }, { cause }));
      else sendAgain(call, response, fail);
    });
    connection.send(requestText(call), call.body, relay, times, performance.now());
  };

  const sendAgain = (
    call: ForwardCall,
    response: ServerResponse,
    fail: (error: HoldfastError) => void,
  ): void => {
    try {
      send(call, response, fail, true);
    } catch (error) {
      if (!isHoldfastError(error)) throw error;
      fail(error);
    }
  };

  return {
    forward(call, response, fail) {
      if (call.route.op.stream) {
        streams.add(response);
        response.once('close', () => streams.delete(response));
      }
      send(call, response, fail, false);
    },
    streams: () => streams.size,
    close() {
      for (const response of streams) response.destroy();
    },
  };
};
