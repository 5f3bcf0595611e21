import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE, type HoldfastError } from '@holdfast/contracts';

const refusalHeaders = (error: HoldfastError, text: string): string[] => {
  const headers = [
    'content-type',
    PROBLEM_TYPE,
    'content-length',
    String(Buffer.byteLength(text)),
    'cache-control',
    'no-store',
    'x-content-type-options',
    'nosniff',
  ];
  if (error.row.status === 401) headers.push('www-authenticate', 'Bearer realm="holdfast"');
  if (error.row.retry === 'later' && error.row.status >= 429) headers.push('retry-after', '1');
  return headers;
};

/**
 * Answers with the problem of an error (RFC 9457). After the head of another answer went out there is only one honest
 * end left: cutting the connection. `extra` is name, value, name, value.
 */
export const sendRefusal = (
  response: ServerResponse,
  error: HoldfastError,
  extra: readonly string[] = [],
): void => {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const text = JSON.stringify(error.toProblem());
  response.writeHead(error.row.status, [...refusalHeaders(error, text), ...extra]);
  response.end(text);
};

/** How long the caller may take to read a refusal and hang up. */
const LINGER_MS = 1_000;

/**
 * The same on a connection that has no ServerResponse: upgrades. Ends the connection; what still comes is thrown away
 * for a moment, because closing over unread bytes is a reset that may overtake the answer (RFC 9112 section 9.6).
 */
export const endWithRefusal = (socket: Duplex, error: HoldfastError): void => {
  const text = JSON.stringify(error.toProblem());
  const headers = refusalHeaders(error, text);
  const { status } = error.row;
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\nconnection: close\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  socket.end(`${head}\r\n${text}`);
  socket.resume();
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
};
