/** How the end of an answer's body is found (RFC 9112 section 6.3): its length, chunks, or the end of the connection. */
export type Framing = number | 'chunked' | 'close';

export interface AnswerHead {
  readonly status: number;
  /** What of it goes to the caller: name, value, name, value. Never changed: equal heads share it. */
  readonly fields: string[];
  readonly framing: Framing;
  /** Whether the connection can carry another request. */
  readonly keepAlive: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d)(?: |$)/;
const LENGTH = /^\d{1,15}$/;
/** Of the connection to the kernel and of no use here (RFC 9110 section 7.6.1), or set by the gateway itself. */
const IGNORED = new Set([
  'date',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'x-content-type-options',
]);

const malformed = (what: string): Error => new Error(`reading the head of an answer: ${what}`);

const bodyOf = (
  status: number,
  length: string | undefined,
  coding: string | undefined,
): Framing => {
  if (status === 204 || status === 304) return 0;
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked' || length !== undefined)
      throw malformed('its framing is ambiguous');
    return 'chunked';
  }
  if (length === undefined) return 'close';
  if (!LENGTH.test(length)) throw malformed('its length is not a number');
  return Number(length);
};

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf('\r\n', from);
  return end === -1 ? text.length : end;
};

const parse = (text: string): AnswerHead => {
  let end = lineEnd(text, 0);
  const statusLine = STATUS_LINE.exec(text.slice(0, end));
  if (statusLine === null) throw malformed('no HTTP/1.1 status line');
  const status = Number(statusLine[1]);
  const fields = ['x-content-type-options', 'nosniff'];
  let length: string | undefined;
  let coding: string | undefined;
  let keepAlive = true;
  while (end < text.length) {
    const start = end + 2;
    end = lineEnd(text, start);
    const colon = text.indexOf(':', start);
    if (colon <= start || colon > end) throw malformed('a line without a name');
    const name = text.slice(start, colon).toLowerCase();
    if (IGNORED.has(name)) continue;
    const value = text.slice(colon + 1, end).trim();
    if (name === 'transfer-encoding') coding = value;
    else if (name === 'connection') keepAlive = value.toLowerCase() !== 'close';
    else {
      if (name === 'content-length') {
        if (length !== undefined && length !== value) throw malformed('two lengths');
        length = value;
      }
      fields.push(name, value);
    }
  }
  const framing = bodyOf(status, length, coding);
  return { status, fields, framing, keepAlive: keepAlive && framing !== 'close' };
};

let lastText = '';
let lastHead: AnswerHead | undefined;

/**
 * Reads the head of a kernel's answer: Latin-1 text from the status line up to, without, the empty line. Throws for
 * whatever a kernel would never send.
 */
export const parseAnswerHead = (text: string): AnswerHead => {
  // Heads differ by their length and, once a second, by their date: under load the next is often the same text.
  if (lastHead === undefined || text !== lastText) {
    lastHead = parse(text);
    lastText = text;
  }
  return lastHead;
};
