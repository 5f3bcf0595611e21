import type { IncomingMessage } from 'node:http';
import { HoldfastError } from '@holdfast/contracts';

/** Collects request bodies within one common budget of memory. */
export interface BodyBuffer {
  /**
   * The whole body. Rejects with body_too_large over `limitBytes` (the rest is read and thrown away, so that the caller
   * can read the refusal), and with rate_limited when all bodies together exceed the budget.
   */
  read(request: IncomingMessage, limitBytes: number): Promise<Buffer>;
}

/**
 * Bodies are operation inputs of at most a few MiB: a kernel gets them only whole and within their limit, so a slow or
 * endless sender never holds a kernel's connection.
 */
export const createBodyBuffer = (budgetBytes: number): BodyBuffer => {
  let held = 0;
  return {
    read: (request, limitBytes) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const settle = (): void => {
          held -= bytes;
          request.off('data', take).off('end', finish).off('close', abort);
        };
        const refuse = (error: HoldfastError): void => {
          settle();
          request.resume();
          reject(error);
        };
        const take = (chunk: Buffer): void => {
          bytes += chunk.length;
          held += chunk.length;
          if (bytes > limitBytes)
            refuse(new HoldfastError('body_too_large', { limit_bytes: limitBytes }));
          else if (held > budgetBytes)
            refuse(new HoldfastError('rate_limited', { limit: 'memory' }));
          else chunks.push(chunk);
        };
        const finish = (): void => {
          settle();
          resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
        };
        const abort = (): void => {
          settle();
          reject(new HoldfastError('malformed_json', {}, { cause: new Error('caller went away') }));
        };
        request.on('data', take).on('end', finish).on('close', abort);
      }),
  };
};
