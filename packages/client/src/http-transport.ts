import { request, type Agent, type IncomingMessage } from 'node:http';
import { HoldfastError, IDEMPOTENCY_HEADER, type Api, type Op } from '@holdfast/contracts';
import type { CallOptions, Transport } from './client.ts';
import { KeptConnections } from './kept-connections.ts';
import { requestLine } from './request-line.ts';

export interface HttpTransportOptions {
  /** Where the api is served now, for example `http://127.0.0.1:8101`; asked before each call. */
  baseUrl(api: Api): string | undefined;
  headers(): Readonly<Record<string, string>>;
  agent?: Agent;
}

/** How long a call waits for its answer unless told. */
export const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** The time of a call was over. */
class CallTimeout extends Error {}

/** A kept connection turned out to be closed; whether the request got through is unknown. */
class StaleConnection extends Error {}

const HANG_UPS = new Set(['ECONNRESET', 'EPIPE']);

const readAll = (response: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) response.destroy(new Error('answer over 64 MiB'));
      else chunks.push(chunk);
    });
    response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.once('error', reject);
    response.once('close', () => reject(new Error('the answer broke off')));
  });

const parse = (text: string): unknown => {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
};

interface Outgoing {
  readonly url: string;
  readonly method: Op['method'];
  readonly body: string | undefined;
  readonly headers: Record<string, string>;
  /** False: a connection of its own. */
  readonly agent: Agent | false;
}

/**
 * Sends one request and reads the whole answer. What it hangs on the caller's signal is taken off again: that signal may
 * live as long as the process, and `AbortSignal.any` would keep something of every call.
 */
const send = (
  { url, method, body, headers, agent }: Outgoing,
  { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions,
): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent });
    const cancel = (): void => void outgoing.destroy(new Error('the caller gave up'));
    const timer = setTimeout(() => outgoing.destroy(new CallTimeout()), timeoutMs);
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    const fail = (error: unknown): void => {
      release();
      reject(error as Error);
    };
    let answered = false;
    outgoing.once('response', (response) => {
      answered = true;
      readAll(response).then((text) => {
        release();
        resolve({ status: response.statusCode ?? 0, text });
      }, fail);
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && HANG_UPS.has(error.code ?? '');
      fail(stale && !answered ? new StaleConnection(error.message, { cause: error }) : error);
    });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    outgoing.end(body);
  });

/** What may be sent twice is sent once more when its kept connection had been closed: RFC 9110 section 9.2.2. */
const sendSafely = (
  outgoing: Outgoing,
  call: CallOptions,
): Promise<{ status: number; text: string }> =>
  send(outgoing, call).catch((error: unknown) => {
    const repeatable = outgoing.method === 'GET' || call.idempotencyKey !== undefined;
    if (error instanceof StaleConnection && repeatable)
      return send({ ...outgoing, agent: false }, call);
    throw error;
  });

const headersOf = (
  own: Readonly<Record<string, string>>,
  body: string | undefined,
  key?: string,
): Record<string, string> => ({
  accept: 'application/json',
  ...own,
  ...(body === undefined
    ? {}
    : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  ...(key === undefined ? {} : { [IDEMPOTENCY_HEADER]: key }),
});

/** Calls operations over HTTP. Every failure is a HoldfastError: the server's own, or one about reaching it. */
export const createHttpTransport = (options: HttpTransportOptions): Transport => {
  const agent = options.agent ?? new KeptConnections();
  return async (api, _name, op, input, call) => {
    const base = options.baseUrl(api);
    if (base === undefined) throw new HoldfastError('kernel_unavailable', { kernel: api.kernel });
    const { path, body } = requestLine(op, input);
    const headers = headersOf(options.headers(), body, call.idempotencyKey);
    const outgoing = { url: base + path, method: op.method, body, headers, agent };
    const answer = await sendSafely(outgoing, call).catch((cause: unknown) => {
      const kernel = api.kernel;
      throw cause instanceof CallTimeout
        ? new HoldfastError(
            'kernel_timeout',
            { kernel, timeout_ms: call.timeoutMs ?? DEFAULT_TIMEOUT_MS },
            { cause },
          )
        : new HoldfastError('kernel_unavailable', { kernel }, { cause });
    });
    const value = parse(answer.text);
    if (answer.status >= 200 && answer.status < 300) return value;
    throw HoldfastError.fromProblem(value as object);
  };
};
