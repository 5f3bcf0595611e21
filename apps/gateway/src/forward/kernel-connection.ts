import { connect, type Socket } from 'node:net';
import { createAnswerBody, type AnswerBody } from './answer-body.ts';
import { parseAnswerHead, type AnswerHead } from './answer-head.ts';

/** Takes one answer. After `end` or `fail` nothing more comes. */
export interface AnswerSink {
  head(head: AnswerHead): void;
  /** The whole body as Latin-1 text, when it came together with the head; `end` follows at once. */
  whole(body: string): void;
  /** False asks for a pause until KernelConnection.resume. */
  piece(bytes: Buffer): boolean;
  end(): void;
  fail(error: Error): void;
}

/** What a connection tells its pool. */
export interface ConnectionOwner {
  /** The answer is complete, and another request may follow. */
  free(connection: KernelConnection): void;
  gone(connection: KernelConnection): void;
}

export interface CallTimes {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
}

/** Why an answer failed without anybody closing the connection. */
export class AnswerTimeout extends Error {}
/** Nobody is there to answer, and nobody will be for a while. */
export class KernelDown extends Error {}

const MAX_HEAD_CHARS = 64 * 1024;
const END_OF_HEAD = '\r\n\r\n';
/** Every read goes here first and is copied or turned into text before the next: there is one thread. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** One connection to a kernel, one request at a time (HTTP/1.1 without pipelining, RFC 9112 section 9). */
export class KernelConnection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  #sink: AnswerSink | undefined;
  #times: CallTimes | undefined;
  #text = '';
  #body: AnswerBody | undefined;
  #head: AnswerHead | undefined;
  #connected = false;
  #paused = false;
  #destroyed = false;
  /** When the owner has to look at it: a limit passed while busy, or idle for long enough. Monotonic ms. */
  deadline = Number.POSITIVE_INFINITY;

  constructor(port: number, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (size) => this.#read(size) },
    });
    this.#socket.on('connect', () => {
      this.#connected = true;
      if (this.#times) this.deadline = performance.now() + this.#times.firstByteMs;
    });
    this.#socket.on('end', () => this.#finishOpenBody());
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('close', () => this.destroy(new Error('the kernel closed the connection')));
  }

  /** Whether a request was sent of whose answer nothing came yet. */
  get waiting(): boolean {
    return this.#sink !== undefined && this.#head === undefined && this.#text === '';
  }

  get busy(): boolean {
    return this.#sink !== undefined;
  }

  /** Sends a request head (with its empty line) and body; `now` is the monotonic time. */
  send(
    head: string,
    body: Buffer | undefined,
    sink: AnswerSink,
    times: CallTimes,
    now: number,
  ): void {
    this.#sink = sink;
    this.#times = times;
    this.deadline = now + (this.#connected ? times.firstByteMs : times.connectMs);
    if (body === undefined) this.#socket.write(head, 'latin1');
    else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    }
  }

  resume(): void {
    if (!this.#paused || this.#destroyed) return;
    this.#paused = false;
    this.#touch();
    this.#socket.resume();
  }

  /** Closes it; a running answer fails with the error. */
  destroy(error: Error): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#socket.destroy();
    const sink = this.#sink;
    this.#sink = undefined;
    this.#owner.gone(this);
    sink?.fail(error);
  }

  /** A limit passed. Waiting for a caller who does not read is no fault of the kernel. */
  expire(): void {
    if (this.#paused) this.#touch();
    else this.destroy(new AnswerTimeout());
  }

  #touch(): void {
    this.deadline = performance.now() + this.#times!.betweenBytesMs;
  }

  #read(size: number): boolean {
    if (this.#sink === undefined) {
      this.destroy(new Error('bytes that nobody asked for'));
      return false;
    }
    try {
      if (this.#body === undefined) this.#readHead(size);
      else {
        this.#touch();
        this.#readBody(Buffer.from(readBuffer.subarray(0, size)));
      }
    } catch (error) {
      this.destroy(error as Error);
    }
    return !this.#paused;
  }

  #readHead(size: number): void {
    this.#text += readBuffer.toString('latin1', 0, size);
    for (;;) {
      const end = this.#text.indexOf(END_OF_HEAD);
      if (end === -1) {
        if (this.#text.length > MAX_HEAD_CHARS)
          throw new Error('the head of an answer is too long');
        return;
      }
      const head = parseAnswerHead(this.#text.slice(0, end));
      const rest = this.#text.slice(end + END_OF_HEAD.length);
      this.#text = rest;
      // After an interim answer (RFC 9110 section 15.2) the real one follows.
      if (head.status >= 200) return this.#begin(head, rest);
    }
  }

  #begin(head: AnswerHead, rest: string): void {
    this.#text = '';
    this.#head = head;
    this.#sink!.head(head);
    if (rest.length === head.framing) {
      this.#sink?.whole(rest);
      this.#finish();
      return;
    }
    this.#touch();
    this.#body = createAnswerBody(head.framing);
    this.#readBody(Buffer.from(rest, 'latin1'));
  }

  #readBody(bytes: Buffer): void {
    const complete = this.#body!.push(bytes, (piece) => {
      if (this.#sink?.piece(piece) === false) this.#paused = true;
    });
    if (complete) this.#finish();
  }

  #finishOpenBody(): void {
    if (this.#head?.framing === 'close') this.#finish();
  }

  #finish(): void {
    if (this.#destroyed) return;
    const sink = this.#sink;
    const keepAlive = this.#head!.keepAlive;
    this.#sink = undefined;
    this.#body = undefined;
    this.#head = undefined;
    this.#paused = false;
    if (!keepAlive) this.destroy(new Error('the kernel closes after this answer'));
    else this.#owner.free(this);
    sink?.end();
  }
}
