import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { answerHeaders } from './answer-headers.ts';

/** How a forwarded request ended. */
export interface RelayEnd {
  /** Status of the kernel's answer; 0 when not a byte of it arrived. */
  readonly status: number;
  /** Absent when the answer is complete. */
  readonly error?: Error & { readonly code?: string };
}

type Callback = (end: RelayEnd) => void;

/**
 * Carries one answer from a kernel to a caller as it arrives, at the caller's pace. `done` is called once, when the
 * connection to the kernel is free again or gone. A caller who leaves aborts the call.
 */
export class AnswerRelay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;
  readonly #headOnly: boolean;
  readonly #done: Callback;
  #abort: ((error?: Error) => void) | undefined;
  #resume = (): void => {};
  #status = 0;
  #ended = false;
  #left = false;
  /** Bytes of the body still to come, when the kernel told the length. */
  #missing = -1;
  /** The last piece, kept so that head and body of a small answer are one write. */
  #held: Buffer | undefined;

  constructor(response: ServerResponse, headOnly: boolean, done: Callback) {
    this.#response = response;
    this.#headOnly = headOnly;
    this.#done = done;
  }

  /** The caller is gone. */
  leave(): void {
    this.#left = true;
    if (!this.#ended) this.#abort?.();
  }

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#left) abort();
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (status < 200) return true;
    const { fields, contentLength } = answerHeaders(raw);
    this.#status = status;
    this.#resume = resume;
    this.#missing = contentLength;
    this.#response.writeHead(status, fields);
    if (this.#headOnly) {
      this.#response.end();
      if (contentLength !== 0) this.#abort?.();
    } else if (contentLength === -1) this.#response.flushHeaders();
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#left || this.#headOnly) return true;
    if (this.#missing === chunk.length) {
      this.#held = chunk;
      return true;
    }
    if (this.#missing !== -1) this.#missing -= chunk.length;
    if (this.#response.write(chunk)) return true;
    this.#response.once('drain', this.#resume);
    return false;
  }

  onComplete(): void {
    if (this.#ended) return;
    this.#ended = true;
    // Latin-1 text maps bytes to characters one to one, and Node joins text with the head into a single write.
    if (this.#held) this.#response.end(this.#held.toString("latin1"), 'latin1');
    else if (!this.#response.writableEnded) this.#response.end();
    this.#done({ status: this.#status });
  }

  onError(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#done({ status: this.#status, error });
  }
}
