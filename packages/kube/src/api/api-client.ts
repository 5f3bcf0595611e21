import type { IncomingMessage } from 'node:http';
import { MAX_ANSWER_BYTES } from '../cluster.ts';
import type { Outcome } from '../cluster.ts';
import { failure, messageOf, RC, success } from '../outcome.ts';
import { refusal } from './api-status.ts';
import { exchange, readText } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import type { Session } from './session.ts';

export interface ApiCall {
  readonly method?: Exchange['method'];
  /** From the root of the server, with its query. */
  readonly path: string;
  readonly body?: Exchange['body'];
}

export interface ApiClientOptions {
  readonly session: Session;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The response and the signal under which its body has to arrive; an outcome where there is no good response. */
export type Opened = { readonly response: IncomingMessage; failed(error: unknown): Outcome };

export interface ApiClient {
  call(call: ApiCall): Promise<Outcome>;
  open(call: ApiCall): Promise<Opened | Outcome>;
}

const within = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort));
};

/** Calls the API of one session. Credentials that the server refuses are asked for again once a call. */
export const createApiClient = ({ session, timeoutMs, signal }: ApiClientOptions): ApiClient => {
  const send = async (call: ApiCall, limit: AbortSignal): Promise<IncomingMessage> => {
    const attempt = async (refresh: boolean): Promise<IncomingMessage> => {
      const { server, options } = await within(session.access(refresh), limit);
      const { method = 'GET', path, body } = call;
      return exchange({ method, url: server + path, options, signal: limit, body });
    };
    const first = await attempt(false);
    if (first.statusCode !== 401) return first;
    first.resume();
    return attempt(true);
  };

  const open = async (call: ApiCall): Promise<Opened | Outcome> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const limit = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    const failed = (error: unknown): Outcome => {
      if (timeout.aborted)
        return failure(`timed out after ${timeoutMs / 1000} s: ${call.path}`, RC.timedOut);
      if (signal?.aborted) return failure('the call was given up');
      return failure(`cannot ask the server: ${messageOf(error)}`);
    };
    try {
      const response = await send(call, limit);
      const code = response.statusCode ?? 0;
      if (code >= 200 && code < 300) return { response, failed };
      return refusal(code, await readText(response, MAX_ANSWER_BYTES));
    } catch (error) {
      return failed(error);
    }
  };

  return {
    open,
    call: async (call) => {
      const opened = await open(call);
      if ('ok' in opened) return opened;
      try {
        return success(await readText(opened.response, MAX_ANSWER_BYTES));
      } catch (error) {
        return opened.failed(error);
      }
    },
  };
};
