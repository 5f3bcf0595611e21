import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHead } from './http/request-head.ts';
import type { RequestTarget } from './http/request-target.ts';

/** One request on its way through the gateway. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly target: RequestTarget;
  readonly traceparent: string;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  /** The caller waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1). */
  readonly expectsContinue: boolean;
}
