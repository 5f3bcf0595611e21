import { request, type Agent } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; throws with the body when it is none. */
  json<T = Record<string, unknown>>(): T;
}

export interface HttpCallOptions {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Without one, each call takes a connection of its own. */
  readonly agent?: Agent;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** One HTTP call without any client in between. Rejects when the connection fails, and when nothing comes in time. */
export const httpCall = (url: string, options: HttpCallOptions = {}): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const { body, token, agent } = options;
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const outgoing = request(
      url,
      {
        method: options.method ?? (body === undefined ? 'GET' : 'POST'),
        agent: agent ?? false,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(payload === undefined
            ? {}
            : { 'content-length': String(Buffer.byteLength(payload)) }),
          ...options.headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('error', reject);
        response.once('end', () => {
          clearTimeout(timer);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json<T>() {
              try {
                return JSON.parse(text) as T;
              } catch (cause) {
                throw new Error(`no JSON from ${url}: ${text.slice(0, 300)}`, { cause });
              }
            },
          });
        });
      },
    );
    const limit = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const timer = setTimeout(
      () =>
        outgoing.destroy(
          Object.assign(new Error(`no answer from ${url} in ${limit} ms`), { code: 'NO_ANSWER' }),
        ),
      limit,
    );
    outgoing.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(payload);
  });
