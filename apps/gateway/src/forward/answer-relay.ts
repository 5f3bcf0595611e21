import type { ServerResponse } from 'node:http';
import type { AnswerHead } from './answer-head.ts';
import type { AnswerSink, KernelConnection } from './kernel-connection.ts';

/** How a call to a kernel ended without an answer that could be passed on. */
export type RelayFailed = (error: Error) => void;

/**
 * Carries one answer from a kernel to a caller as it arrives, at the caller's pace. A caller who leaves ends the call. A
 * kernel that dies in the middle of an answer cuts the caller's connection: half an answer must not look like a whole
 * one. `failed` is called when nothing was passed on yet and the caller still waits.
 */
export class AnswerRelay implements AnswerSink {
  readonly #response: ServerResponse;
  readonly #headOnly: boolean;
  readonly #connection: KernelConnection;
  readonly #failed: RelayFailed;
  #over = false;
  #draining = false;

  constructor(
    response: ServerResponse,
    headOnly: boolean,
    connection: KernelConnection,
    failed: RelayFailed,
  ) {
    this.#response = response;
    this.#headOnly = headOnly;
    this.#connection = connection;
    this.#failed = failed;
    response.on('close', this.#leave);
  }

  readonly #leave = (): void => {
    if (!this.#over) this.#connection.destroy(new Error('the caller went away'));
  };

  readonly #resume = (): void => {
    this.#draining = false;
    this.#connection.resume();
  };

  head(head: AnswerHead): void {
    this.#response.writeHead(head.status, head.fields);
    if (this.#headOnly) {
      this.#response.end();
      if (head.framing !== 0) this.#connection.destroy(new Error('only the head was wanted'));
    } else if (typeof head.framing !== 'number') this.#response.flushHeaders();
  }

  whole(body: string): void {
    // Latin-1 maps bytes to characters one to one, and Node joins text with the head. Uncorked before the end it is one
    // plain write; `end(body)` would be a gathering one, of the text and of nothing, and cost more.
    if (body !== '' && this.#response.socket) {
      this.#response.write(body, 'latin1');
      this.#response.socket.uncork();
    }
    this.#response.end();
  }

  piece(bytes: Buffer): boolean {
    if (this.#response.write(bytes)) return true;
    // One read may hold many chunks of an answer: they all wait for the same drain.
    if (!this.#draining) this.#response.once('drain', this.#resume);
    this.#draining = true;
    return false;
  }

  end(): void {
    this.#over = true;
    if (!this.#response.writableEnded) this.#response.end();
  }

  fail(error: Error): void {
    this.#over = true;
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.headersSent) this.#response.destroy();
    else {
      this.#response.off('close', this.#leave);
      this.#failed(error);
    }
  }
}
