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

export interface AnswerHeaders {
  /** Name, value, name, value. */
  readonly fields: string[];
  /** -1 when the kernel did not tell. */
  readonly contentLength: number;
}

/** What of a kernel's answer head goes to the caller. Header bytes are Latin-1 (RFC 9110 section 5.5). */
export const answerHeaders = (raw: readonly Buffer[]): AnswerHeaders => {
  const fields = ['x-content-type-options', 'nosniff'];
  let contentLength = -1;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toString("latin1");
    const lower = name.toLowerCase();
    if (DROPPED.has(lower)) continue;
    const value = raw[index + 1]!.toString("latin1");
    if (lower === 'content-length') contentLength = Number(value);
    fields.push(name, value);
  }
  return { fields, contentLength };
};
