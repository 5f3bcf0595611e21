import { request as requestPlain } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import type { RequestOptions } from 'node:https';

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: string;
  readonly options: RequestOptions;
  readonly signal: AbortSignal;
  readonly body?: { readonly type: string; readonly text: string };
}

/** Sends one request and resolves with the head of its response; the body is the reader's. Rejects without one. */
export const exchange = ({
  method,
  url,
  options,
  signal,
  body,
}: Exchange): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const target = new URL(url);
    const request = (target.protocol === 'http:' ? requestPlain : requestTls)(target, {
      ...options,
      method,
      signal,
      headers: {
        accept: 'application/json, */*',
        ...(options.headers as Record<string, string> | undefined),
        ...(body && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) }),
      },
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(body?.text);
  });

/** The whole body as text. Rejects past `maxBytes`. */
export const readText = async (response: IncomingMessage, maxBytes: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
