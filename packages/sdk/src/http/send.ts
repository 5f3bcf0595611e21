import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { HoldfastError, PROBLEM_TYPE, isHoldfastError } from '@holdfast/contracts';
import { isStoreError } from '@holdfast/store';
import type { Logger } from '../log/logger.ts';

export const sendJson = (
  response: ServerResponse,
  status: number,
  value: unknown,
  type = 'application/json',
): void => {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
};

export const sendText = (
  response: ServerResponse,
  status: number,
  text: string,
  type: string,
): void => {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

/**
 * Turns any failure into a problem. What is not a HoldfastError is our fault: it is logged with an id, and the caller
 * sees the id only.
 */
export const toRefusal = (error: unknown, log: Logger): HoldfastError => {
  if (isHoldfastError(error)) return error;
  if (isStoreError(error) && error.retry === 'later') {
    log.warn({ err: error }, 'store refused a write');
    return new HoldfastError('store_unavailable', { detail: error.code });
  }
  const error_id = randomBytes(6).toString('hex');
  log.error({ err: error, error_id }, 'unexpected failure');
  return new HoldfastError('internal', { error_id });
};

export const sendProblem = (response: ServerResponse, error: unknown, log: Logger): void => {
  const refusal = toRefusal(error, log);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // The rest of an unread body would be taken for the next request: end the connection instead.
  if (!response.req.complete) response.setHeader('connection', 'close');
  const status = refusal.row.status;
  if (refusal.row.retry === 'later' && status >= 429) response.setHeader('retry-after', '1');
  sendJson(response, status, refusal.toProblem(), PROBLEM_TYPE);
};
