import type { Outcome } from '../cluster.ts';
import { failure, isRecord, parseJson } from '../outcome.ts';

/** What the server calls these refusals when it says it in the code alone. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** A text from something in between, such as a proxy, is cut here. */
const MAX_FOREIGN_TEXT = 400;

/**
 * The outcome of a response that is no success, in the words in which kubectl passes on the same Status: reports read
 * alike whichever way the server was asked.
 */
export const refusal = (code: number, body: string): Outcome => {
  const status = parseJson(body);
  const said = isRecord(status) && status.kind === 'Status' ? status : {};
  const reason =
    typeof said.reason === 'string' && said.reason !== '' ? said.reason : REASONS[code];
  const message =
    typeof said.message === 'string' && said.message !== ''
      ? said.message
      : body.trim().slice(0, MAX_FOREIGN_TEXT) || `HTTP ${code}`;
  const head = reason === undefined ? 'Error from server' : `Error from server (${reason})`;
  return failure(`${head}: ${message}`, undefined, reason);
};
