import type { Framing } from './answer-head.ts';
import { createChunkedReader } from './chunked-reader.ts';

/** Finds the end of a body by its framing. */
export interface AnswerBody {
  /** Calls `emit` with each piece of content; answers true when the body is complete. Throws when it is broken. */
  push(bytes: Buffer, emit: (piece: Buffer) => void): boolean;
}

const createSizedBody = (length: number): AnswerBody => {
  let left = length;
  return {
    push(bytes, emit) {
      if (bytes.length > left) throw new Error('reading an answer: it is longer than it said');
      left -= bytes.length;
      if (bytes.length > 0) emit(bytes);
      return left === 0;
    },
  };
};

const createOpenBody = (): AnswerBody => ({
  push(bytes, emit) {
    if (bytes.length > 0) emit(bytes);
    return false;
  },
});

export const createAnswerBody = (framing: Framing): AnswerBody => {
  if (framing === 'chunked') return createChunkedReader();
  return framing === 'close' ? createOpenBody() : createSizedBody(framing);
};
