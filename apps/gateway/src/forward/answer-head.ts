/** How the end of an answer's body is found (RFC 9112 section 6.3): its length, chunks, or the end of the connection. */
export type Framing = number | 'chunked' | 'close';

export interface AnswerHead {
  readonly status: number;
  /** What of it goes to the caller: name, value, name, value. */
  readonly fields: string[];
  readonly framing: Framing;
  /** Whether the connection can carry another request. */
  readonly keepAlive: boolean;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d)(?: |$)/;
const LENGTH = /^\d{1,15}$/;
/** Of the connection to the kernel (RFC 9110 section 7.6.1), or set by the gateway itself. */
const DROPPED = new Set([
  'connection',
  'date',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
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

/**
 * Reads the head of a kernel's answer: Latin-1 text from the status line up to, without, the empty line. Throws for
 * whatever a kernel would never send.
 */
export const parseAnswerHead = (text: string): AnswerHead => {
  const lines = text.split('\r\n');
  const statusLine = STATUS_LINE.exec(lines[0]!);
  if (statusLine === null) throw malformed('no HTTP/1.1 status line');
  const status = Number(statusLine[1]);
  const fields = ['x-content-type-options', 'nosniff'];
  let length: string | undefined;
  let coding: string | undefined;
  let keepAlive = true;
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index]!;
    const colon = line.indexOf(':');
    if (colon <= 0) throw malformed('a line without a name');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!DROPPED.has(name)) {
      if (name === 'content-length') {
        if (length !== undefined && length !== value) throw malformed('two lengths');
        length = value;
      }
      fields.push(name, value);
    } else if (name === 'transfer-encoding') coding = value;
    else if (name === 'connection') keepAlive = value.toLowerCase() !== 'close';
  }
  const framing = bodyOf(status, length, coding);
  return { status, fields, framing, keepAlive: keepAlive && framing !== 'close' };
};
