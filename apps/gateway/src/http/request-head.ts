import { IDEMPOTENCY_HEADER } from '@holdfast/contracts';
import { isTraceparent } from './trace-context.ts';

/** What the gateway needs of a request's header fields, read in one pass. */
export interface RequestHead {
  authorization: string | undefined;
  accept: string;
  /** -1 when the length is not told. */
  contentLength: number;
  hasBody: boolean;
  hasIdempotencyKey: boolean;
  /** Fields of that name, and the value of the last. */
  hosts: number;
  host: string;
  codings: number;
  coding: string;
  traceparent: string | undefined;
  /** The fields that a kernel may see, as header lines, each with its CR LF. */
  forwarded: string;
}

/**
 * Every field that reaches a kernel. All others end here: hop-by-hop fields (RFC 9110 section 7.6.1), the token, and
 * above all `x-holdfast-*`, which only the gateway may set.
 */
const FORWARDED = new Set([
  'accept',
  'accept-language',
  'baggage',
  'content-encoding',
  'content-type',
  IDEMPOTENCY_HEADER,
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'last-event-id',
  'range',
  'tracestate',
  'user-agent',
]);

/** Reads `rawHeaders` of a request. Of repeated single-value fields the first counts, as in Node. */
export const readHead = (raw: readonly string[]): RequestHead => {
  const head: RequestHead = {
    authorization: undefined,
    accept: '',
    contentLength: -1,
    hasBody: false,
    hasIdempotencyKey: false,
    hosts: 0,
    host: '',
    codings: 0,
    coding: '',
    traceparent: undefined,
    forwarded: '',
  };
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    const value = raw[index + 1]!;
    if (name === 'host') {
      head.hosts += 1;
      head.host = value;
    } else if (name === 'authorization') head.authorization ??= value;
    else if (name === 'traceparent') {
      if (isTraceparent(value)) head.traceparent ??= value;
    } else if (name === 'content-length') {
      head.contentLength = Number(value);
      head.hasBody = head.contentLength > 0;
    } else if (name === 'transfer-encoding') {
      head.codings += 1;
      head.coding = value;
      head.hasBody = true;
    } else if (FORWARDED.has(name)) {
      if (name === 'accept') head.accept += value;
      else if (name === IDEMPOTENCY_HEADER) head.hasIdempotencyKey = true;
      head.forwarded += `${name}: ${value}\r\n`;
    }
  }
  return head;
};
