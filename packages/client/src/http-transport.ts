import { Agent, request, type IncomingMessage } from 'node:http';
import { HoldfastError, IDEMPOTENCY_HEADER, type Api, type Op } from '@holdfast/contracts';
import type { CallOptions, Transport } from './client.ts';
import { requestLine } from './request-line.ts';

export interface HttpTransportOptions {
  /** Where the api is served now, for example `http://127.0.0.1:8101`; asked before each call. */
  baseUrl(api: Api): string | undefined;
  headers(): Readonly<Record<string, string>>;
  agent?: Agent;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const readAll = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('answer over 64 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const parse = (text: string): unknown => {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
};

const send = (
  url: string,
  op: Op,
  body: string | undefined,
  headers: Record<string, string>,
  agent: Agent,
  options: CallOptions,
) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const signal = AbortSignal.any([
      AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      ...(options.signal ? [options.signal] : []),
    ]);
    const outgoing = request(url, { method: op.method, headers, agent, signal }, (response) => {
      readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });

/** Calls operations over HTTP. Every failure is a HoldfastError: the server's own, or one about reaching it. */
export const createHttpTransport = (options: HttpTransportOptions): Transport => {
  const agent = options.agent ?? new Agent({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' });
  return async (api, _name, op, input, call) => {
    const base = options.baseUrl(api);
    if (base === undefined) throw new HoldfastError('not_installed', { kernel: api.kernel });
    const { path, body } = requestLine(op, input);
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers() };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    if (call.idempotencyKey) headers[IDEMPOTENCY_HEADER] = call.idempotencyKey;
    const answer = await send(base + path, op, body, headers, agent, call).catch((cause: Error) => {
      const timedOut =
        cause.name === 'TimeoutError' ||
        (cause as { cause?: Error }).cause?.name === 'TimeoutError';
      throw timedOut
        ? new HoldfastError(
            'kernel_timeout',
            { kernel: api.kernel, timeout_ms: call.timeoutMs ?? DEFAULT_TIMEOUT_MS },
            { cause },
          )
        : new HoldfastError('kernel_unavailable', { kernel: api.kernel }, { cause });
    });
    const value = parse(answer.text);
    if (answer.status >= 200 && answer.status < 300) return value;
    throw HoldfastError.fromProblem(value as object);
  };
};
