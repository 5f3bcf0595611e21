import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const BYTES = 24;
const POOL_ROUNDS = 256;

let pool = Buffer.alloc(0);
let offset = 0;

/** Whether a value is a version 00 traceparent with non-zero ids (W3C Trace Context section 3.2). */
export const isTraceparent = (value: string): boolean => TRACEPARENT.test(value);

/** A new trace that is not sampled. Random bytes are drawn in bulk because every request without a trace needs some. */
export const createTraceparent = (): string => {
  if (offset === pool.length) {
    pool = randomBytes(BYTES * POOL_ROUNDS);
    offset = 0;
  }
  const hex = pool.toString('hex', offset, offset + BYTES);
  offset += BYTES;
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
};
