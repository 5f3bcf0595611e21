import { HoldfastError, type Op } from '@holdfast/contracts';
import type { Exchange } from '../exchange.ts';
import type { BodyBuffer } from './body-buffer.ts';

/** Whether an operation takes its input from the body. */
export const hasInputInBody = ({ method }: Op): boolean => method === 'POST' || method === 'PUT';

/** The whole body, undefined when there is none. Rejects as BodyBuffer does, before anything is read where it can. */
export type ReadBody = (exchange: Exchange, op: Op) => Promise<Buffer | undefined>;

const DEFAULT_BODY_BYTES = 1024 * 1024;

export const createReadBody =
  (bodies: BodyBuffer): ReadBody =>
  async ({ head, request, response, expectsContinue }, op) => {
    if (!head.hasBody) return undefined;
    const limit_bytes = op.maxBodyBytes ?? DEFAULT_BODY_BYTES;
    if (head.contentLength > limit_bytes)
      throw new HoldfastError('body_too_large', { limit_bytes });
    if (expectsContinue) response.writeContinue();
    return bodies.read(request, limit_bytes);
  };
